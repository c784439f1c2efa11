import { expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { databaseOf, Shelf } from "../testing/shelf";
import { showAhead } from "./ahead";
import { serverTime } from "./marks";
import type { PageObserver } from "./page";

it("has the pages with the item show a mark, and none of the others, of which a large inbox has many", async () => {
  let decide = () => {};
  const database = showAhead(
    {
      ...databaseOf(new Shelf(1)),
      pages: () => async () => (_after, observer) => {
        observers.push(observer);
        return () => {};
      },
      writeEach: () => new Promise(decided => (decide = () => decided(["stored"]))),
    },
    () => 7,
  );
  const observers: PageObserver[] = [];
  const listen = await database.pages("recent")();
  const shown = ["a", "b", "c", "a"].map(id => {
    const page = vi.fn<PageObserver["page"]>();
    listen(null, { page, failed: () => {} });
    observers.at(-1)?.page({ items: [aNotification({ id })], fromCache: false, next: null });
    return page;
  });
  const calls = () => shown.map(page => page.mock.calls.length);
  expect(calls()).toEqual([1, 1, 1, 1]);
  const written = database.writeEach([{ id: "a", mark: { readAt: serverTime, revision: 1 } }]);
  expect(calls()).toEqual([2, 1, 1, 2]);
  expect(shown[0]?.mock.lastCall?.[0].items).toMatchObject([{ id: "a", readAt: 7, pending: true }]);
  decide();
  await written;
  expect(calls()).toEqual([3, 1, 1, 3]);
});
