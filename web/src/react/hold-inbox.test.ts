import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Inbox, InboxOptions } from "../core";
import { createHolder } from "./hold-inbox";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Counts what is open, and the most that was open for one person at a time. */
function rig() {
  const open = new Map<string, number>();
  const counts = { opened: 0, most: 0, now: () => [...open.values()].reduce((sum, n) => sum + n, 0) };
  const hold = createHolder(({ user: { uid } }: InboxOptions) => {
    counts.opened++;
    open.set(uid, (open.get(uid) ?? 0) + 1);
    counts.most = Math.max(counts.most, open.get(uid) ?? 0);
    return { uid, close: () => open.set(uid, (open.get(uid) ?? 0) - 1) } as unknown as Inbox;
  });
  const app = { name: "app" } as FirebaseApp;
  return { counts, as: (user: InboxOptions["user"]) => hold({ app, user }) };
}

const user = (uid: string) => ({ uid, getIdToken: async () => "token" });

describe("holding inboxes", () => {
  it("is one for a person, however many components ask and however often they are mounted", () => {
    const { counts, as } = rig();
    const ada = user("ada");
    as(ada).release(); // StrictMode mounts, unmounts and mounts again
    const first = as(ada);
    const second = as(ada);
    vi.runAllTimers();
    expect(second.inbox).toBe(first.inbox);
    first.release();
    first.release(); // twice is once
    vi.runAllTimers();
    expect(counts).toMatchObject({ opened: 1, most: 1 });
    expect(counts.now()).toBe(1);
    second.release();
    vi.runAllTimers();
    expect(counts.now()).toBe(0);
  });

  it("closes the old one when another person signs in, and when the same one does so anew", () => {
    const { counts, as } = rig();
    const ada = as(user("ada"));
    ada.release();
    const bob = as(user("bob"));
    vi.runAllTimers();
    expect(counts.now()).toBe(1);
    const again = as(user("bob")); // signed out and in, before the component has released the old one
    expect(again.inbox).not.toBe(bob.inbox);
    bob.release();
    vi.runAllTimers();
    expect(counts).toMatchObject({ opened: 3, most: 1 });
    expect(counts.now()).toBe(1);
  });
});
