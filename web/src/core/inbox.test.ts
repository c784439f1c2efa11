import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { movableClock } from "./clock";
import type { Environment, PageMessage, Pages } from "./environment";
import { type MarkOf, serverTime } from "./marks";
import type { Notification } from "./model";
import { openInbox } from "./open-inbox";
import type { PageObserver } from "./page";

// Firestore is the end-to-end tests' business. Here the database is a hand that the tests move.
const firestore = vi.hoisted(() => ({
  listen: vi.fn(),
  readPage: vi.fn(),
  write: vi.fn(),
  writeAll: vi.fn(),
  examine: vi.fn(),
  reconnect: vi.fn(),
  hasEnded: vi.fn(async () => false),
  askServer: vi.fn(async () => ({ offset: 0, profile: {} })),
  listenToAnnouncements: () => () => {},
  replaceFirestore: vi.fn(),
  forget: vi.fn(),
}));
const { listen, write, writeAll } = firestore;
const stopped = vi.fn();
vi.mock("./firestore", () => firestore);
vi.mock("./announcements/firestore", () => firestore);

const app = { name: "test" } as FirebaseApp;

/** The pages of one person, as a BroadcastChannel joins them. */
function createHub() {
  const receivers = new Set<(message: PageMessage) => void>();
  return (_name: string, receive: (message: PageMessage) => void): Pages => {
    receivers.add(receive);
    return {
      post: message => [...receivers].filter(other => other !== receive).forEach(other => void other(message)),
      close: () => void receivers.delete(receive),
    };
  };
}

function open(environment: Partial<Environment> = {}) {
  const getIdToken = vi.fn(async () => "token");
  let base = 0;
  const clock = movableClock(() => base);
  const inbox = openInbox({ app, user: { uid: "bob", getIdToken }, clock, environment });
  const feed = () => {
    const observer: PageObserver = listen.mock.lastCall?.[4];
    return {
      items: (items: readonly Notification[], fromCache: boolean) => observer.page({ items, fromCache, next: null }),
      failed: observer.failed,
    };
  };
  return { inbox, feed, getIdToken, clock, setTime: (time: number) => (base = time) };
}

async function opened(environment?: Partial<Environment>) {
  const parts = open(environment);
  await vi.waitFor(() => expect(listen).toHaveBeenCalled());
  return parts;
}

beforeEach(() => {
  vi.clearAllMocks();
  listen.mockReturnValue(stopped);
  write.mockResolvedValue("stored");
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

  it("says that only a new page helps when Firestore ends itself again and again", async () => {
    vi.useFakeTimers();
    firestore.hasEnded.mockResolvedValue(true);
    const { inbox, feed } = await opened();
    feed().items([aNotification()], false);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(inbox.getSnapshot()).toMatchObject({ error: { code: "ended" }, unreadCount: 1 });
    firestore.hasEnded.mockResolvedValue(false);
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
    feed().failed({ code: "unavailable", message: "late" });
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
  const seen = { seenAt: serverTime };

  it("mark an item as seen once for each revision", async () => {
    const { inbox, feed } = await opened();
    feed().items([aNotification({ revision: 1 })], false);
    await inbox.markSeen(["n1", "unknown"]);
    await inbox.markSeen(["n1"]);
    expect(write).toHaveBeenCalledTimes(1);
    feed().items([aNotification({ revision: 2 })], false);
    await inbox.markSeen(["n1"]);
    expect(write).toHaveBeenCalledTimes(2);
    expect(write).toHaveBeenLastCalledWith(app, "bob", { id: "n1", mark: { ...seen, revision: 2 }, shown: 0 });
    inbox.close();
  });

  it("write nothing where there is nothing to do", async () => {
    const { inbox, feed } = await opened();
    feed().items([aNotification(), aNotification({ id: "read", readAt: 1 })], false);
    await inbox.markRead("read");
    await inbox.markRead("unknown");
    await inbox.markUnread("n1");
    await inbox.unarchive("n1");
    await inbox.act("n1", "no such action");
    expect(write).not.toHaveBeenCalled();
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
    writeAll.mockResolvedValueOnce(["moved-on", "stored"]);
    expect(await inbox.markAllRead()).toEqual(["moved-on", "stored"]);
    expect(writeAll.mock.lastCall?.[2].map(({ id }: MarkOf) => id)).toEqual(["a", "b"]);
    expect(write).not.toHaveBeenCalled();
    inbox.close();
  });

  it("answer and read at once, and answer alone where something new has happened", async () => {
    const { inbox, feed } = await opened();
    const actions = [{ id: "accept", label: "Accept", url: "", style: "" as const }];
    feed().items([aNotification({ actions, revision: 4 })], false);
    write.mockResolvedValueOnce("moved-on");
    expect(await inbox.act("n1", "accept")).toBe("stored");
    expect(write.mock.calls.map(call => call[2].mark)).toEqual([
      { doneAction: "accept", doneAt: serverTime, ...seen, readAt: serverTime, revision: 4 },
      { doneAction: "accept", doneAt: serverTime },
    ]);
    inbox.close();
  });
});

describe("toasts and news", () => {
  const high = (given: Partial<Notification> = {}) => aNotification({ priority: "high", ...given });

  it("tell nothing of what was there at first, from the cache or not; then each news once", async () => {
    const { inbox, feed } = await opened();
    const heard = vi.fn();
    inbox.onNews(heard);
    feed().items([high({ id: "a" })], true);
    feed().items([high({ id: "a" }), high({ id: "b" })], false);
    expect(inbox.getSnapshot().toastQueue).toEqual([]);
    feed().items([high({ id: "a" }), high({ id: "b" }), high({ id: "c" })], false);
    feed().items([high({ id: "a" }), high({ id: "b" }), high({ id: "c" })], false);
    expect(inbox.getSnapshot().toastQueue.map(({ id }) => id)).toEqual(["c"]);
    expect(heard).toHaveBeenCalledTimes(1);
    inbox.close();
  });

  it("leave after five seconds, not while held, and at once when the item was read anywhere", async () => {
    const { inbox, feed } = await opened();
    feed().items([], false);
    feed().items([high({ id: "a" }), high({ id: "b" })], false);
    await vi.advanceTimersByTimeAsync(4900);
    inbox.holdToasts(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inbox.getSnapshot().toastQueue).toHaveLength(2);
    feed().items([high({ id: "a", readAt: 1 }), high({ id: "b" })], false);
    expect(inbox.getSnapshot().toastQueue.map(({ id }) => id)).toEqual(["b"]);
    inbox.holdToasts(false);
    await vi.advanceTimersByTimeAsync(5000);
    expect(inbox.getSnapshot().toastQueue).toEqual([]);
    inbox.close();
  });

  it("stay for ten seconds where they ask something, and while any reason holds them", async () => {
    const { inbox, feed } = await opened();
    const actions = [{ id: "accept", label: "Accept", url: "", style: "" as const }];
    feed().items([], false);
    feed().items([high({ actions })], false);
    await vi.advanceTimersByTimeAsync(9900);
    expect(inbox.getSnapshot().toastQueue).toHaveLength(1);
    inbox.holdToasts(true, "covered");
    inbox.holdToasts(true);
    inbox.holdToasts(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(inbox.getSnapshot().toastQueue).toHaveLength(1);
    inbox.holdToasts(false, "covered");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inbox.getSnapshot().toastQueue).toEqual([]);
    inbox.close();
  });

  it("close in all tabs of the person", async () => {
    const joinPages = createHub();
    const one = await opened({ joinPages });
    const two = await opened({ joinPages });
    await vi.waitFor(() => expect(listen).toHaveBeenCalledTimes(2));
    for (const call of listen.mock.calls) {
      call[4].page({ items: [], fromCache: false, next: null });
      call[4].page({ items: [high({ priority: "urgent" })], fromCache: false, next: null });
    }
    expect(two.inbox.getSnapshot().toastQueue).toHaveLength(1);
    one.inbox.dismissToast("n1");
    expect(two.inbox.getSnapshot().toastQueue).toEqual([]);
    one.inbox.close();
    two.inbox.close();
  });

  it("hear nothing in what a tab with another version of the package says", async () => {
    const joinPages = createHub();
    const older = joinPages("", () => {});
    const { inbox } = await opened({ joinPages });
    for (const message of [{ kind: "dismissed", id: "n1", revision: 1 }, { kind: "yet unknown" }]) {
      expect(() => older.post(message as never)).not.toThrow();
    }
    inbox.close();
  });

  it("close all together: each tab draws once, however many there are", async () => {
    const joinPages = createHub();
    const one = await opened({ joinPages });
    const two = await opened({ joinPages });
    await vi.waitFor(() => expect(listen).toHaveBeenCalledTimes(2));
    const items = Array.from({ length: 20 }, (_, i) => high({ id: `n${i}` }));
    for (const call of listen.mock.calls) {
      call[4].page({ items: [], fromCache: false, next: null });
      call[4].page({ items, fromCache: false, next: null });
    }
    const drawn = [one, two].map(({ inbox }) => {
      expect(inbox.getSnapshot().toastQueue).toHaveLength(20);
      const draw = vi.fn();
      inbox.subscribe(draw);
      draw.mockClear();
      return draw;
    });
    one.inbox.dismissToasts();
    for (const [at, { inbox }] of [one, two].entries()) {
      expect(inbox.getSnapshot().toastQueue).toEqual([]);
      expect(drawn[at]).toHaveBeenCalledTimes(1);
      inbox.close();
    }
  });
});

describe("lists", () => {
  const page = (call: number, items: readonly Notification[], key: string | null) =>
    listen.mock.calls[call]?.[4].page({ items, fromCache: false, next: key === null ? null : { key, last: {} } });

  it("listen to the archive while somebody is subscribed", async () => {
    const { inbox } = await opened();
    const stop = inbox.archived.subscribe(() => {});
    await vi.waitFor(() => expect(listen).toHaveBeenCalledTimes(2));
    expect(listen.mock.lastCall?.[2]).toBe("archive");
    page(1, [aNotification({ archivedAt: 1 }), aNotification({ id: "gone", archivedAt: 1, retractedAt: 1 })], null);
    expect(inbox.archived.getSnapshot().notifications.map(({ id }) => id)).toEqual(["n1"]);
    await inbox.unarchive("n1");
    expect(write).toHaveBeenLastCalledWith(app, "bob", { id: "n1", mark: { archivedAt: null, revision: 1 }, shown: 0 });
    stop();
    expect(stopped).toHaveBeenCalledTimes(1);
    inbox.close();
  });
});
