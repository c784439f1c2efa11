import { describe, expect, it } from "vitest";
import { hueOf, initialsOf } from "./avatar";
import { english } from "./english";
import { iconFor } from "./icons";
import { relativeTime } from "./relative-time";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("relativeTime", () => {
  it.each([
    [-5 * minute, "just now"],
    [0, "just now"],
    [minute - 1, "just now"],
    [minute, "1m ago"],
    [hour - 1, "59m ago"],
    [hour, "1h ago"],
    [day - 1, "23h ago"],
    [6.9 * day, "6d ago"],
    [8 * day, "Jan 2"],
  ])("of %i ms is %j", (age, words) => {
    const now = new Date(2026, 0, 10, 12).getTime();
    expect(relativeTime(now - age, now, english)).toBe(words);
  });

  it("speaks the language of the words", () => {
    expect(relativeTime(0, 5 * minute, { ...english, locale: "de" })).toBe("vor 5 m");
  });
});

it.each([
  ["Bob", "B"],
  ["Ada King Lovelace", "AL"],
  ["  ", "?"],
  ["", "?"],
  ["👩‍👩‍👧 family", "👩‍👩‍👧F"],
  ["ünal", "Ü"],
])("the initials of %j are %j", (name, initials) => expect(initialsOf(name)).toBe(initials));

it("a person's colour is a hue, always the same", () => {
  expect(hueOf("bob")).toBe(hueOf("bob"));
  expect(hueOf("bob")).toBeLessThanOrEqual(360);
});

it.each([
  ["heart", "social", "heart"],
  ["follow", "social", "person"],
  ["unheard-of", "orders", "package"],
  ["", "", "bell"],
  ["constructor", "toString", "bell"],
])("the icon %j of the category %j is drawn as %j", (icon, category, drawing) => {
  expect(iconFor(icon, category)).toBe(drawing);
});

it("the bell's name says the count", () => {
  const calm = { urgent: false, offline: false };
  expect(english.bell(0, calm)).not.toMatch(/\d/);
  expect(english.bell(3, calm)).toContain("3 unread");
  expect(english.bell(100, { urgent: true, offline: false })).toBe("Notifications, 99+ unread, urgent");
  expect(english.bell(0, { urgent: false, offline: true })).toBe("Notifications, nothing unread, offline");
});
