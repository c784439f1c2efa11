import { describe, expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import { emptyListing, type Listing } from "./list";
import { derive, type Knowledge, knowsNothing } from "./snapshot";

function knowing(listing: Partial<Listing>, others: Partial<Knowledge> = {}): Knowledge {
  const held = listing.held ?? new Map([["n1", item]]);
  return { ...knowsNothing, ...others, held, recent: { ...emptyListing, held, loaded: true, live: true, ...listing } };
}

const item = aNotification();

describe("derive", () => {
  it("is the same object as long as nothing changes", () => {
    const first = derive(knowing({}), 0, null);
    expect(derive(knowing({}), 1000, first)).toBe(first);
  });

  it("keeps the list when only the connection changes", () => {
    const first = derive(knowing({}), 0, null);
    const second = derive(knowing({ live: false }), 0, first);
    expect(second).not.toBe(first);
    expect(second.notifications).toBe(first.notifications);
  });

  it("changes when time brings a snoozed item back, and when it ends one", () => {
    const held = new Map([["n1", aNotification({ snoozedUntil: 10, expireAt: 20 })]]);
    const before = derive(knowing({ held }), 9, null);
    expect(before.unreadCount).toBe(0);
    const back = derive(knowing({ held }), 10, before);
    expect(back.unreadCount).toBe(1);
    expect(derive(knowing({ held }), 20, back).unreadCount).toBe(0);
  });

  it.each<[string, Knowledge, string]>([
    ["the server's word", knowing({}), "connected"],
    ["the cache's word", knowing({ live: false }), "reconnecting"],
    ["a refusal", knowing({ error: { code: "permission-denied", message: "" } }), "reconnecting"],
    ["no network", knowing({}, { online: false }), "offline"],
  ])("calls %s by its name", (_name, knowledge, status) => {
    expect(derive(knowledge, 0, null).connectionStatus).toBe(status);
  });
});
