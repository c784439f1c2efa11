import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { databaseOf, Shelf } from "../testing/shelf";
import { type Listing, openList } from "./list";

const user = { uid: "bob", getIdToken: async () => "token" };
const item = (n: number) => aNotification({ id: `n${n}`, updatedAt: 1000 - n });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A list of nine items on three open pages of three. */
async function opened() {
  const shelf = new Shelf(3);
  shelf.put(...Array.from({ length: 9 }, (_, n) => item(n)));
  const told: Listing[] = [];
  const list = openList(user, databaseOf(shelf).pages("recent"), listing => told.push(listing));
  for (let page = 0; page < 3; page++) {
    await vi.advanceTimersByTimeAsync(0);
    shelf.answer();
    if (page < 2) list.more();
  }
  const ids = () => [...(told.at(-1)?.held.keys() ?? [])].sort();
  return { shelf, list, told, ids };
}

describe("a list of several pages", () => {
  it("opens the next page once, after the end of the one before", async () => {
    const { shelf, list, ids } = await opened();
    expect(shelf.listening()).toEqual(["recent from the start", "recent n2 998", "recent n5 995"]);
    list.more();
    list.more(); // the page is on its way
    await vi.advanceTimersByTimeAsync(0);
    expect(shelf.listening()).toHaveLength(4);
    shelf.answer();
    expect(ids()).toHaveLength(9);
    list.close();
    expect(shelf.listening()).toEqual([]);
  });

  it("keeps all of them, and every item, while the end of the first one moves", async () => {
    const { shelf, told, ids } = await opened();
    told.length = 0;
    shelf.put(aNotification({ id: "new", updatedAt: 2000 }));
    shelf.answer();
    await vi.advanceTimersByTimeAsync(2000); // the next pages begin anew
    for (let n = 0; n < 3; n++) {
      shelf.answer();
      await vi.advanceTimersByTimeAsync(2000);
    }
    for (const { held } of told) {
      // The last of all is now beyond the third page: it may go, and nothing else.
      for (let n = 0; n < 8; n++) expect([...held.keys()]).toContain(`n${n}`);
    }
    expect(ids()).toEqual(["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "new"]);
    expect(shelf.listening()).toEqual(["recent from the start", "recent n1 999", "recent n4 996"]);
    expect(told.at(-1)?.hasMore).toBe(true);
  });

  it("lets an archived item go at once, from each page", async () => {
    const { shelf, ids } = await opened();
    for (const n of [2, 4, 8]) shelf.put({ ...item(n), archivedAt: 1 });
    shelf.answer();
    expect(ids()).toEqual(["n0", "n1", "n3", "n5", "n6", "n7"]);
  });

  it("ends with the page that is not full any more", async () => {
    const { shelf, told, ids } = await opened();
    for (let n = 1; n < 9; n++) shelf.put({ ...item(n), archivedAt: 1 });
    shelf.answer();
    await vi.advanceTimersByTimeAsync(2000);
    expect(ids()).toEqual(["n0"]);
    expect(shelf.listening()).toEqual(["recent from the start"]);
    expect(told.at(-1)?.hasMore).toBe(false);
  });
});
