import fc from "fast-check";
import { expect, it } from "vitest";
import { choicesOf } from "./choices";
import { decodeSettings } from "./decode";
import { days, limits } from "./model";
import { isMuteKey, muteKey, titleOfKey } from "./mute-key";

it("reads a profile as the rules allow it", () => {
  const settings = decodeSettings({
    locale: "de-AT",
    timeZone: "Europe/Vienna",
    preferences: { push: { social: false }, email: { orders: true } },
    mutes: { "post/42": { title: "A walk", until: { toMillis: () => 7 } }, "order/7/%2Fshop": {} },
    quietHours: { enabled: true, week: { sat: ["22:00-09:00", "13:00-24:00"] } },
    doNotDisturb: { enabled: true, until: { toMillis: () => 9 } },
    digest: { every: "week", at: "18:30", on: "fri" },
    pushesPerHour: 60,
    devices: [{ value: "not ours" }],
  });
  expect(settings).toMatchObject({
    locale: "de-AT",
    timeZone: "Europe/Vienna",
    mutes: [
      { key: "post/42", title: "A walk", until: 7 },
      { key: "order/7/%2Fshop", title: "order 7", until: null },
    ],
    doNotDisturb: { enabled: true, until: 9 },
    digest: { every: "week", at: "18:30", on: "fri" },
    pushesPerHour: 60,
  });
  expect(settings.chosen.push.get("social")).toBe(false);
  expect(settings.quietHours.week.sat).toEqual([
    { from: "22:00", to: "09:00" },
    { from: "13:00", to: "24:00" },
  ]);
});

it.each([
  { timeZone: "Mars/Olympus", locale: "de_AT" },
  { timeZone: 7, locale: "a".repeat(36) },
  { quietHours: { enabled: "yes", week: { mon: ["7-8", 5, "22:00-25:00"], someday: ["22:00-07:00"] } } },
  { doNotDisturb: { enabled: 1, until: "tomorrow" }, mutes: ["post/1"], preferences: { push: { social: "no" } } },
  { digest: { every: "month", at: "07:00", on: "mon" }, pushesPerHour: 0 },
  { digest: { at: "07:00" }, pushesPerHour: 61 },
  { digest: "day", pushesPerHour: 2.5 },
  { digest: [], pushesPerHour: "5" },
  { pushesPerHour: Number.NaN },
  { mutes: { post: {}, "a b/c": {}, [`post/${"x".repeat(400)}`]: {} } },
])("takes what is wrong for what was never said: %j", data => {
  expect(decodeSettings(data)).toEqual(decodeSettings(null));
});

it.each([
  [{ every: "day" }, { every: "day", at: "07:00", on: "mon" }],
  [
    { every: "week", at: "24:00", on: "monday" },
    { every: "week", at: "07:00", on: "mon" },
  ],
  [
    { every: "day", at: "7:00", on: 1 },
    { every: "day", at: "07:00", on: "mon" },
  ],
])("takes for the digest %j the hour and the day that the functions take", (digest, expected) => {
  expect(decodeSettings({ digest }).digest).toEqual(expected);
});

it("breaks on no profile, however wrong or large", () => {
  const names = [
    "locale",
    "timeZone",
    "preferences",
    "mutes",
    "quietHours",
    "doNotDisturb",
    "week",
    "push",
    "mon",
    "digest",
    "pushesPerHour",
    "every",
    "at",
  ];
  const anything = fc.dictionary(
    fc.constantFrom(...names),
    fc.anything({ maxDepth: 4, key: fc.constantFrom(...names) }),
  );
  fc.assert(
    fc.property(anything, data => {
      const settings = decodeSettings(data);
      expect(choicesOf(settings, []).length).toBe(0);
      for (const day of days) expect(settings.quietHours.week[day].length).toBeLessThanOrEqual(limits.ranges);
    }),
  );
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`post/${n}`, { title: "T".repeat(500) }]));
  const { mutes } = decodeSettings({ mutes: many });
  expect([mutes.length, mutes[0]?.title.length]).toEqual([limits.mutes, limits.muteTitle]);
});

it.each([
  [{ type: "post", id: "42", source: "" }, "post/42"],
  [{ type: "post", id: "4/2", source: "/blog" }, "post/4%2F2/%2Fblog"],
  [{ type: "a b", id: "100% (sure)!*'~", source: "" }, "a%20b/100%25%20(sure)!*'~"],
  [{ type: "café", id: "😀", source: "" }, "caf%C3%A9/%F0%9F%98%80"],
  [{ type: "", id: "42", source: "" }, null],
  [{ type: "post", id: "\ud83d", source: "" }, null],
  [{ type: "post", id: "x".repeat(396), source: "" }, null],
])("names the target %j as shared/profile does: %s", (target, key) => {
  expect(muteKey(target)).toBe(key);
  if (key) expect(isMuteKey(key)).toBe(true);
});

it("says what a key without a title is about", () => {
  expect([titleOfKey("post/4%2F2"), titleOfKey("post/%E0")]).toEqual(["post 4/2", "post %E0"]);
});
