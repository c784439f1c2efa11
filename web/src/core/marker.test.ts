import { describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { databaseOf, Shelf } from "../testing/shelf";
import { arrange, isListed } from "./arrange";
import { createLateMarker } from "./late-marker";
import { type MarkOf, serverTime } from "./marks";
import type { Notification } from "./model";
import { createNotices, type Notice } from "./notice";

vi.mock("./firestore", () => ({})); // loads with the marks, and is large

const now = 1000;

/** A marker on an inbox that holds the newest hundred of these items, and lists these of all. */
function on(
  items: readonly Notification[],
  { listed, at = now }: { listed?: (all: readonly Notification[]) => readonly Notification[]; at?: number } = {},
) {
  const shelf = new Shelf(100, { prompt: true });
  const database = databaseOf(shelf);
  shelf.put(...items);
  const shown: (Notice | null)[] = [];
  const notices = createNotices(() => shown.push(notices.current));
  const all = () => arrange(shelf.items.values(), now);
  const held = () => all().slice(0, 100);
  const marker = createLateMarker({
    database,
    notices,
    find: id => shelf.items.get(id),
    listed: () => (listed ? listed(all()) : held()),
    newest: () => Math.max(...held().map(({ updatedAt }) => updatedAt)),
    isListed: item => isListed(item, now),
    hasMore: () => shelf.items.size > 100,
    isOnline: () => true,
    now: () => at,
  });
  const count = (what: (item: Notification) => boolean) => [...shelf.items.values()].filter(what).length;
  return { shelf, database, notices, shown, marker, count };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => aNotification({ id: `n${n}`, updatedAt: 500 - n }));
const isRead = (item: Notification) => item.readAt !== null;
const isArchived = (item: Notification) => item.archivedAt !== null;

describe("marking all", () => {
  const all = [...many(250), aNotification({ id: "snoozed", snoozedUntil: 2000 })];

  it("reaches each of 250 items, and says how many there were", async () => {
    const { shelf, notices, shown, marker, count } = on(all);
    expect(await marker.markAll("read")).toHaveLength(250);
    expect(count(isRead)).toBe(250);
    expect(shown[0]).toMatchObject({ kind: "read", count: 100, busy: true });
    expect(notices.current).toMatchObject({ kind: "read", count: 250, busy: false, undoable: true });
    expect(shelf.reads).toBeLessThanOrEqual(251);
    notices.close();
  });

  it("leaves alone what comes after the press", async () => {
    const { shelf, notices, marker } = on(many(150));
    const done = marker.markAll("archive");
    shelf.put(aNotification({ id: "new", updatedAt: 900 }));
    await done;
    expect(shelf.items.get("new")?.archivedAt).toBeNull();
    notices.close();
  });

  it("reaches what the inbox does not list just now, because it is on its way back from an undo", async () => {
    const { shelf, marker, notices, count } = on(many(230), { listed: items => items.slice(100) });
    await marker.markAll("read");
    expect(shelf.items.get("n0")?.readAt).not.toBeNull();
    expect(count(isRead)).toBe(230);
    notices.close();
  });

  it("can be undone, and only what it has done", async () => {
    const { notices, marker, count } = on([...many(240), aNotification({ id: "read", updatedAt: 501, readAt: 1 })]);
    await marker.markAll("read");
    notices.undo();
    await vi.waitFor(() => expect(count(isRead)).toBe(1));
    await marker.markAll("archive");
    notices.undo();
    await vi.waitFor(() => expect(count(isArchived)).toBe(0));
    expect(notices.current).toMatchObject({ kind: "undone", count: 241 });
    notices.close();
  });
});

describe("what devices show of an item that is done with", () => {
  const later = 1_000_000;
  const read = aNotification({ shown: 3, readAt: 1 });
  /** What is said of these, when the server brings them. */
  async function said(listed: readonly Notification[], before?: (marker: ReturnType<typeof on>) => Promise<unknown>) {
    let held = listed;
    const rig = on([], { listed: () => held, at: later });
    const written: (readonly MarkOf[])[] = [];
    const write = async (marks: readonly MarkOf[]) => {
      written.push(marks);
      return marks.map(() => "stored" as const);
    };
    Object.assign(rig.database, { writeEach: write, writeAll: write });
    if (before) {
      held = [];
      await before(rig);
      written.length = 0;
      held = listed;
    }
    for (let times = 0; times < 2; times++) {
      rig.marker.answered(true);
      await new Promise(resolve => setTimeout(resolve));
    }
    rig.notices.close();
    return written.flat();
  }

  it("is said once, if nobody has within ten seconds", async () => {
    const once = { id: "n1", mark: { readAt: serverTime, revision: 1 }, shown: 3 };
    expect(await said([read])).toEqual([once]);
    expect(await said([read, { ...read, id: "n2" }])).toEqual([once, { ...once, id: "n2" }]);
  });

  it.each([
    ["it is not done with", { readAt: null }],
    ["they show nothing", { shown: 0 }],
    ["its mark has not arrived", { pending: true }],
    ["its mark has just arrived, from another device", { readAt: later - 9000 }],
  ])("is not said while %s", async (_, given) => {
    expect(await said([{ ...read, ...given }])).toEqual([]);
  });

  it("is said at once where the mark from here knew of no push, and not where it did", async () => {
    const marked = (shown: number) => (rig: ReturnType<typeof on>) => {
      rig.shelf.put(aNotification({ shown }));
      return rig.marker.mark("n1", "read");
    };
    expect(await said([{ ...read, readAt: later }], marked(0))).toHaveLength(1);
    expect(await said([{ ...read, readAt: 1 }], marked(3))).toEqual([]);
  });
});

describe("a mark", () => {
  it("is for the item as it was at the press, also while the marker still loads", async () => {
    const { shelf, database, notices, marker } = on([aNotification({ revision: 3 })]);
    const writes = vi.spyOn(database, "writeEach");
    const done = marker.mark("n1", "read");
    shelf.put(aNotification({ revision: 4 }));
    await done;
    expect(writes.mock.lastCall?.[0][0]?.mark.revision).toBe(3);
    notices.close();
  });

  it.each(["archive", { snoozeUntil: 5000 }] as const)("%j can be undone", async deed => {
    const item = aNotification({ revision: 3 });
    const { shelf, notices, marker } = on([item]);
    await marker.mark("n1", deed);
    expect(shelf.items.get("n1")).not.toMatchObject({ archivedAt: null, snoozedUntil: null });
    notices.undo();
    await vi.waitFor(() => expect(shelf.items.get("n1")).toMatchObject({ archivedAt: null, snoozedUntil: null }));
    notices.close();
  });

  it("that the server refuses says so, and which item it was", async () => {
    const { database, notices, marker } = on([aNotification({ title: "Carol wrote" })]);
    database.writeEach = async () => ["moved-on"];
    expect(await marker.mark("n1", "read")).toBe("moved-on");
    expect(notices.current).toMatchObject({ kind: "moved-on", title: "Carol wrote", undoable: false });
    notices.close();
  });

  it("that cannot be written says so, and is no unhandled rejection of the page", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const { database, notices, marker } = on([aNotification(), aNotification({ id: "n2" })]);
    const offline = async () => {
      throw new Error("the chunk cannot be loaded");
    };
    Object.assign(database, { writeEach: offline, writeAll: offline });
    void marker.mark("n1", "read");
    void marker.markAll("archive");
    void marker.seen(["n1"]);
    await new Promise(resolve => setTimeout(resolve, 20));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(notices.current).toMatchObject({ kind: "failed" });
    notices.close();
  });

  it("of what was seen is made again, if it could not be written", async () => {
    const { shelf, database, notices, marker } = on([aNotification()]);
    const { writeEach } = database;
    database.writeEach = async () => {
      throw new Error("the chunk cannot be loaded");
    };
    await marker.seen(["n1"]);
    database.writeEach = writeEach;
    await marker.seen(["n1"]);
    expect(shelf.items.get("n1")?.seenAt).not.toBeNull();
    notices.close();
  });
});
