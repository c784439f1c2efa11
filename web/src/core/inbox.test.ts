import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { movableClock } from "./clock";
import type { FeedObserver } from "./feed";
import { openInbox } from "./inbox";

// Firestore is the end-to-end tests' business. Here the feed is a hand that the tests move.
const { listen, mark, stopped } = vi.hoisted(() => ({ listen: vi.fn(), mark: vi.fn(), stopped: vi.fn() }));
vi.mock("./feed", () => ({ listen, mark }));

const app = { name: "test" } as FirebaseApp;

function open() {
  const getIdToken = vi.fn(async () => "token");
  let base = 0;
  const clock = movableClock(() => base);
  const inbox = openInbox({ app, user: { uid: "bob", getIdToken }, clock });
  const feed = (): FeedObserver => listen.mock.lastCall?.[2];
  return { inbox, feed, getIdToken, clock, setTime: (time: number) => (base = time) };
}

async function opened() {
  const parts = open();
  await vi.waitFor(() => expect(listen).toHaveBeenCalled());
  return parts;
}

beforeEach(() => {
  vi.clearAllMocks();
  listen.mockReturnValue(stopped);
  mark.mockResolvedValue("stored");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("an inbox", () => {
  it("is loading, then shows what the feed tells", async () => {
    const { inbox, feed } = await opened();
    expect(inbox.getSnapshot()).toMatchObject({ loaded: false, connectionStatus: "reconnecting", notifications: [] });
    feed().items([], true);
    expect(inbox.getSnapshot().loaded).toBe(false); // an empty cache says nothing
    feed().items([aNotification()], true);
    expect(inbox.getSnapshot()).toMatchObject({ loaded: true, connectionStatus: "reconnecting", unreadCount: 1 });
    feed().items([aNotification({ readAt: 1 })], false);
    expect(inbox.getSnapshot()).toMatchObject({ connectionStatus: "connected", unreadCount: 0 });
    inbox.close();
  });

  it("renews the token after a refusal and listens again, later each time, keeping what it shows", async () => {
    const { inbox, feed, getIdToken } = await opened();
    feed().items([aNotification()], false);
    for (const longest of [500, 1000, 2000]) {
      feed().failed(Object.assign(new Error("no"), { code: "permission-denied" }));
      expect(inbox.getSnapshot()).toMatchObject({ error: { code: "permission-denied" }, unreadCount: 1 });
      const before = listen.mock.calls.length;
      await vi.advanceTimersByTimeAsync(longest / 2 - 1);
      expect(listen).toHaveBeenCalledTimes(before);
      await vi.advanceTimersByTimeAsync(longest / 2 + 1);
      expect(listen).toHaveBeenCalledTimes(before + 1);
    }
    expect(getIdToken).toHaveBeenCalledTimes(3);
    expect(getIdToken).toHaveBeenCalledWith(true);
    feed().items([aNotification()], false);
    expect(inbox.getSnapshot()).toMatchObject({ error: null, connectionStatus: "connected" });
    inbox.close();
  });

  it("says that it cannot be reached when nothing has answered for ten seconds, and recovers", async () => {
    const { inbox, feed } = await opened();
    feed().items([], true);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(inbox.getSnapshot().error).toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(inbox.getSnapshot()).toMatchObject({ loaded: false, error: { code: "unavailable" } });
    feed().items([], false);
    expect(inbox.getSnapshot()).toMatchObject({ loaded: true, error: null, connectionStatus: "connected" });
    inbox.close();
  });

  it("retries at once when told to", async () => {
    const { inbox, feed, getIdToken } = await opened();
    let renewed = (_token: string) => {};
    getIdToken.mockReturnValueOnce(new Promise(resolve => (renewed = resolve)));
    feed().failed(Object.assign(new Error("no"), { code: "unauthenticated" }));
    inbox.retry();
    renewed("token"); // late: the try that asked for it is over
    await vi.waitFor(() => expect(listen).toHaveBeenCalledTimes(2));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(listen).toHaveBeenCalledTimes(2); // and not once more when the back-off would have ended
    inbox.close();
  });

  it("brings a snoozed item back in time, also when the clock jumps", async () => {
    const { inbox, feed, clock, setTime } = await opened();
    feed().items(
      [aNotification({ id: "a", snoozedUntil: 1000 }), aNotification({ id: "b", snoozedUntil: 5000 })],
      false,
    );
    expect(inbox.getSnapshot().unreadCount).toBe(0);
    setTime(1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(inbox.getSnapshot().unreadCount).toBe(1);
    clock.setOffset(10_000);
    expect(inbox.getSnapshot().unreadCount).toBe(2);
    inbox.close();
  });

  it("releases everything when closed, even while it is opening", async () => {
    const { inbox, feed } = await opened();
    const listener = vi.fn();
    inbox.subscribe(listener);
    inbox.close();
    expect(stopped).toHaveBeenCalledTimes(1);
    feed().items([aNotification()], false);
    feed().failed(new Error("late"));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(listen).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);

    listen.mockClear();
    const early = open();
    early.inbox.close();
    await vi.advanceTimersByTimeAsync(1000);
    expect(listen).not.toHaveBeenCalled();
  });
});

describe("marks", () => {
  it("mark an item as seen once for each revision", async () => {
    const { inbox, feed } = await opened();
    feed().items([aNotification({ revision: 1 })], false);
    await inbox.markSeen(["n1", "unknown"]);
    await inbox.markSeen(["n1"]);
    expect(mark).toHaveBeenCalledTimes(1);
    const news = aNotification({ revision: 2 });
    feed().items([news], false);
    await inbox.markSeen(["n1"]);
    expect(mark).toHaveBeenCalledTimes(2);
    expect(mark).toHaveBeenLastCalledWith(app, "bob", news, "seen");
    inbox.close();
  });

  it("read only what is unread", async () => {
    const { inbox, feed } = await opened();
    feed().items([aNotification(), aNotification({ id: "read", readAt: 1 })], false);
    await inbox.markRead("read");
    await inbox.markRead("unknown");
    expect(mark).not.toHaveBeenCalled();
    await inbox.markRead("n1");
    expect(mark).toHaveBeenCalledTimes(1);
    inbox.close();
  });

  it("read all that is listed, low priority included, and tell what became of each", async () => {
    const { inbox, feed } = await opened();
    feed().items(
      [
        aNotification({ id: "a" }),
        aNotification({ id: "b", priority: "low" }),
        aNotification({ id: "read", readAt: 1 }),
        aNotification({ id: "retracted", retractedAt: 1 }),
      ],
      false,
    );
    mark.mockResolvedValueOnce("moved-on");
    expect(await inbox.markAllRead()).toEqual(["moved-on", "stored"]);
    expect(mark.mock.calls.map(call => call[2].id)).toEqual(["a", "b"]);
    inbox.close();
  });
});
