import { describe, expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import { english } from "./english";
import { german } from "./german";
import { snoozeTimes } from "./snooze";
import { categoriesOf, choose, type View, wholeView } from "./view";
import { inWords } from "./words";

const items = [
  aNotification({ id: "like", actors: [{ id: "e", name: "Élodie", imageUrl: "" }] }),
  aNotification({ id: "read", readAt: 1, category: "orders", title: "Order 7 has shipped" }),
  aNotification({ id: "mention", type: "user.mentioned", body: "Look at the HARBOUR" }),
];

it.each<[Partial<View>, string]>([
  [{}, "like read mention"],
  [{ tab: "unread" }, "like mention"],
  [{ tab: "mentions" }, "mention"],
  [{ category: "orders" }, "read"],
  [{ search: "elodie" }, "like"],
  [{ search: "  harbour look " }, "mention"],
  [{ search: "order 7" }, "read"],
  [{ search: "order", tab: "unread" }, ""],
])("the view %j leaves %j", (view, ids) => {
  expect(
    choose(items, { ...wholeView, ...view })
      .map(({ id }) => id)
      .join(" "),
  ).toBe(ids);
});

it("names each category once", () => {
  expect(categoriesOf(items)).toEqual(["orders", "social"]);
});

describe("snoozing", () => {
  const local = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime(); // the 2nd is a Monday

  it.each([
    ["a Monday morning", local(2, 8), [local(2, 9), local(2, 18), local(3, 9), local(9, 9)]],
    ["a Wednesday evening", local(4, 17), [local(4, 18), local(5, 9), local(9, 9)]],
    ["a Sunday", local(8, 20), [local(8, 21), local(9, 9), local(16, 9)]],
  ])("on %s", (_name, now, times) => {
    expect(snoozeTimes(now, english).map(({ until }) => until)).toEqual(times);
  });
});

it.each([
  [english, "1 new notification: A", "2 new notifications: A and B", "Notifications, 99+ unread"],
  [german, "1 neue Mitteilung: A", "2 neue Mitteilungen: A und B", "Mitteilungen, 99+ ungelesene"],
])("%# has the right plurals, lists and numbers", (words, one, two, bell) => {
  expect(words.announce(1, inWords(words.locale, ["A"]))).toBe(one);
  expect(words.announce(2, inWords(words.locale, ["A", "B"]))).toBe(two);
  expect(words.bell(1234, { urgent: false, offline: false })).toBe(bell);
});
