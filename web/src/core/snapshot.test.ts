import { describe, expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import { derive, type Knowledge, knowsNothing } from "./snapshot";

const one: Knowledge = { ...knowsNothing, held: new Map([["n1", aNotification()]]), loaded: true, live: true };

describe("derive", () => {
  it("is the same object as long as nothing changes", () => {
    const first = derive(one, 0, null);
    expect(derive({ ...one, held: new Map(one.held) }, 1000, first)).toBe(first);
  });

  it("keeps the list when only the connection changes", () => {
    const first = derive(one, 0, null);
    const second = derive({ ...one, live: false }, 0, first);
    expect(second).not.toBe(first);
    expect(second.notifications).toBe(first.notifications);
  });

  it("changes when time brings a snoozed item back", () => {
    const snoozed = { ...one, held: new Map([["n1", aNotification({ snoozedUntil: 10 })]]) };
    const before = derive(snoozed, 9, null);
    expect(before.unreadCount).toBe(0);
    expect(derive(snoozed, 10, before).unreadCount).toBe(1);
  });

  it.each<[string, Partial<Knowledge>, string]>([
    ["the server's word", {}, "connected"],
    ["the cache's word", { live: false }, "reconnecting"],
    ["a refusal", { error: { code: "permission-denied", message: "" } }, "reconnecting"],
    ["no network", { online: false }, "offline"],
  ])("calls %s by its name", (_name, news, status) => {
    expect(derive({ ...one, ...news }, 0, null).connectionStatus).toBe(status);
  });
});
