import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { createShelf } from "../testing/shelf";
import { arrange, countUnread, isPinned } from "./arrange";
import { type InboxLists, openLists } from "./lists";
import type { Notification, Priority } from "./model";

const user = { uid: "bob", getIdToken: async () => "token" };
const now = 1_000_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(pageSize: number, items: readonly Notification[]) {
  const shelf = createShelf(pageSize);
  shelf.put(...items);
  let lists: InboxLists | null = null;
  const open = openLists(user, shelf.database, told => {
    lists = told;
  });
  /** Until every listener has said what it has to say. */
  const settle = async () => {
    do await vi.advanceTimersByTimeAsync(2000);
    while (shelf.tell());
  };
  const listed = () => arrange(lists?.held.values() ?? [], now);
  await settle();
  return { shelf, open, settle, listed, lists: () => lists };
}

describe("the lists of an inbox", () => {
  it("show what is new behind a hundred important items that are read, and what is unread behind a hundred newer ones", async () => {
    const read = (n: number) =>
      aNotification({ id: `r${n}`, priority: "high", updatedAt: 1000 - n, seenAt: 1, readAt: 1 });
    const { shelf, settle, listed } = await opened(100, [
      ...Array.from({ length: 105 }, (_, n) => read(n)),
      aNotification({ id: "forgotten", priority: "urgent", updatedAt: 1 }),
    ]);
    expect(countUnread(listed())).toBe(1);
    expect(listed()[0]?.id).toBe("forgotten");
    shelf.put(aNotification({ id: "comment", updatedAt: 2000 }));
    await settle();
    expect(countUnread(listed())).toBe(2);
    expect(listed()[1]?.id).toBe("comment");
  });

  it("cost one listener while all items fit on a page", async () => {
    const { shelf } = await opened(100, [aNotification()]);
    expect(shelf.listening()).toEqual(["recent from the start"]);
  });

  it("count, whatever the history and the page size, what is unread, and bring it all by scrolling, in order", async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 5 }), async (changes, pageSize) => {
        const history = changes.map((item, index) => ({ ...item, revision: index + 1 })); // as the functions number them
        const { shelf, open, settle, listed, lists } = await opened(pageSize, history.slice(0, history.length / 2));
        for (const item of history.slice(history.length / 2)) {
          shelf.put(item);
          shelf.tell();
        }
        await settle();
        const all = arrange(shelf.items.values(), now);
        const unread = all.filter(item => item.readAt === null);
        expect(countUnread(listed())).toBeGreaterThanOrEqual(Math.min(countUnread(all), pageSize));
        const newest = [...shelf.items.values()].filter(item => item.archivedAt === null);
        newest.sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1));
        const held = new Set(lists()?.held.keys());
        for (const { id } of newest.slice(0, pageSize)) expect(held).toContain(id);

        for (let n = 0; n < 2 * history.length && lists()?.recent.hasMore; n++) {
          open.more("recent");
          await settle();
        }
        expect(listed().map(({ id }) => id)).toEqual(all.map(({ id }) => id));
        expect(listed().filter(item => item.readAt === null)).toHaveLength(unread.length);
        const pinned = all.filter(isPinned).length;
        expect(all.slice(0, pinned).every(isPinned)).toBe(true);
        open.close();
      }),
      { numRuns: 60 },
    );
  });
});

const small = fc.integer({ min: 0, max: 30 });
const sometimes = fc.option(small, { nil: null });
const histories = fc.array(
  fc
    .record({
      id: small.map(n => `n${n}`),
      priority: fc.constantFrom<Priority>("low", "medium", "high", "urgent"),
      updatedAt: small,
      readAt: sometimes,
      archivedAt: fc.option(small, { nil: null, freq: 2 }),
      snoozedUntil: fc.option(fc.constant(2 * now), { nil: null, freq: 2 }),
    })
    .map(fields => aNotification(fields)),
  { minLength: 2, maxLength: 40 },
);
