import { beforeEach, expect, it } from "vitest";
import { aNotification } from "../../testing/notifications";
import { Shelf } from "../../testing/shelf";
import { emptyListing } from "../list";
import type { Notification } from "../model";
import { countLately, lateDays } from "./lately";

const now = Date.UTC(2026, 10, 26, 12);
const week = lateDays * 86_400_000; // ms
const pageSize = 4;
let shelf = new Shelf(pageSize);

beforeEach(() => {
  shelf = new Shelf(pageSize);
});

/** What a person is told who holds `items`, and has archived what is on the shelf. */
const count = (items: readonly Notification[], recent: Partial<typeof emptyListing> = {}) => {
  const held = new Map(items.map(item => [item.id, item]));
  const inbox = () => ({ held, recent: { ...emptyListing, held, live: true, ...recent } });
  return countLately((...asked) => shelf.readPage(...asked), inbox, now);
};

const told = (id: string, ago: number, given: Partial<Notification> = {}) =>
  aNotification({ id, updatedAt: now - ago, ...given });
const archived = (id: string, ago: number, given: Partial<Notification> = {}) =>
  told(id, ago, { archivedAt: now - ago, ...given });

it("counts the last seven days by category and by type, what is archived, too", async () => {
  shelf.put(archived("put away", 1, { type: "post.shared" }));
  const lately = await count([told("now", 0), told("first", week), told("before", week + 1)]);
  expect(lately).toEqual({
    exact: true,
    categories: new Map([["social", 3]]),
    types: new Map([
      ["post.liked", 2],
      ["post.shared", 1],
    ]),
  });
});

it("asks for nothing that was archived earlier, and so pays for nothing of it", async () => {
  shelf.put(...[1, 2, 3].map(n => archived(`old ${n}`, week + n)), archived("new", 5));
  expect((await count([])).categories.get("social")).toBe(1);
  expect(shelf.reads).toBe(1);
});

it("counts each once, also what is archived at that moment", async () => {
  const item = told("both", 1);
  shelf.put({ ...item, archivedAt: now });
  expect((await count([item])).categories.get("social")).toBe(1);
});

it("leaves out what never reached the person: what their own choice put into the archive, and what is over", async () => {
  shelf.put(archived("muted", 1, { muted: "mute" }));
  const over = [told("over", 1, { expireAt: now }), told("taken back", 1, { retractedAt: now - 1 })];
  expect((await count(over)).categories.size).toBe(0);
});

it("says that there may be more where a list is longer than what was looked at", async () => {
  const full = [told("a", 1), told("b", 2)];
  expect((await count(full, { hasMore: true })).exact).toBe(false);
  expect((await count([...full, told("c", week + 1)], { hasMore: true })).exact).toBe(true);
  shelf.put(...[1, 2, 3, 4].map(n => archived(`put away ${n}`, n)));
  expect(await count([])).toMatchObject({ exact: false, categories: new Map([["social", pageSize]]) });
});

it("says so, too, where the server does not answer", async () => {
  expect((await count([told("a", 1)], { live: false })).exact).toBe(false);
  shelf.setOnline(false);
  expect((await count([told("a", 1)])).exact).toBe(false);
});
