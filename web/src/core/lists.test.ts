import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { databaseOf, Shelf } from "../testing/shelf";
import { arrange, countUnread } from "./arrange";
import { type InboxLists, openLists } from "./lists";
import type { Notification } from "./model";

const user = { uid: "bob", getIdToken: async () => "token" };
const now = 1_000_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(pageSize: number, items: readonly Notification[]) {
  const shelf = new Shelf(pageSize);
  shelf.put(...items);
  let lists: InboxLists | null = null;
  const open = openLists(user, databaseOf(shelf), told => {
    lists = told;
  });
  /** Until every listener has said what it has to say. */
  const settle = async () => {
    do await vi.advanceTimersByTimeAsync(2000);
    while (shelf.answer());
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
});
