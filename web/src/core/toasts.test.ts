import { expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import type { Priority } from "./model";
import { createNews } from "./news";
import { enqueue, refresh, type Toast } from "./toasts";

const item = (id: string, priority: Priority = "high", revision = 1) => aNotification({ id, priority, revision });
const ids = (queue: readonly Toast[]) => queue.map(({ id }) => id).join(" ");

it("takes urgent and high only, and nothing that was dealt with", () => {
  const news = [
    item("u", "urgent"),
    item("h"),
    item("m", "medium"),
    item("l", "low"),
    { ...item("read"), readAt: 1 },
    { ...item("snoozed"), snoozedUntil: 9 },
    { ...item("answered"), doneAction: "accept" },
  ];
  const queue = enqueue([], news, 5);
  expect(ids(queue)).toBe("u h");
  expect(queue.map(({ stays }) => stays)).toEqual([true, false]);
});

it("queues in order; a change takes the place of what it changes, and urgent passes only those that wait", () => {
  let queue = enqueue(
    [],
    ["1", "2", "3", "4", "5"].map(id => item(id)),
    0,
  );
  queue = enqueue(queue, [item("u", "urgent"), item("v", "urgent")], 0);
  expect(ids(queue)).toBe("1 2 3 u v 4 5");
  queue = enqueue(queue, [item("2", "high", 2)], 0);
  expect(ids(queue)).toBe("1 2 3 u v 4 5");
  expect(queue[1]?.item.revision).toBe(2);
});

it("has what is urgent first of what comes together", () => {
  const news = [item("1"), item("2"), item("3"), item("u", "urgent"), item("m", "medium")];
  expect(ids(enqueue([], news, 0))).toBe("u 1 2 3");
});

it("forgets what was read or taken back, and stays the same where nothing was", () => {
  const queue = enqueue([], [item("a"), item("b")], 0);
  const held = new Map(queue.map(toast => [toast.id, toast.item]));
  expect(refresh(queue, held, 0)).toBe(queue);
  held.set("a", { ...item("a"), readAt: 1 });
  expect(ids(refresh(queue, held, 0))).toBe("b");
  expect(refresh(queue, new Map(), 0)).toEqual([]);
});

it("news are what comes after the first time, once per revision, unseen, and not merely moved up", () => {
  const news = createNews();
  const at = (id: string, revision: number, updatedAt = 100_000) => aNotification({ id, revision, updatedAt });
  const told = (...items: ReturnType<typeof at>[]) => news.take(items).map(({ id }) => id);
  expect(told(at("a", 1))).toEqual([]);
  expect(told(at("a", 1))).toEqual([]);
  expect(told(at("a", 2), at("b", 1))).toEqual(["a", "b"]);
  expect(told(at("b", 1))).toEqual([]);
  expect(told(at("a", 2), at("b", 1))).toEqual([]); // it was away for a while, and is as it was
  expect(told(at("old", 1, 1000))).toEqual([]);
  expect(told({ ...at("seen", 1), seenAt: 1 })).toEqual([]);
  news.forget();
  expect(told(at("c", 1))).toEqual([]);
  expect(told(at("d", 1))).toEqual(["d"]);
});
