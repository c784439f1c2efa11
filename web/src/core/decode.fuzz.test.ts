/** Whatever a document, a profile or a push holds, the client reads it, and what it has read is the same once it was written and read again. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { readMessage, readPush, readShown } from "../push/payload";
import { decodeNotification } from "./decode";
import type { Notification } from "./model";
import { decodeSettings } from "./preferences/decode";
import { days, type Settings } from "./preferences/model";

/** How often each property is tried; the fuzzing of a quiet hour sets more. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000);
const timeout = 10_000 + 10 * numRuns; // ms

const timestamp = fc.oneof(fc.integer(), fc.double()).map(millis => ({ toMillis: () => millis }));
const texts = fc.oneof(fc.string(), fc.constantFrom("urgent", "primary", "post.liked", " ", "\ud800", "__proto__"));

/** A value of the kind that is expected nearly always, or any at all. */
function mostly(expected: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 8, arbitrary: expected }, { weight: 1, arbitrary: fc.anything() });
}

/** An object in which any of the fields may be missing, and others stand beside them. */
function document(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(fc.record(fields, { requiredKeys: [] }), fc.dictionary(fc.string(), fc.anything(), { maxKeys: 2 }))
    .map(([known, others]) => ({ ...others, ...known }));
}

const named = (names: string) => Object.fromEntries(names.split(" ").map(name => [name, mostly(texts)]));
const numbered = (names: string) =>
  Object.fromEntries(names.split(" ").map(name => [name, mostly(fc.oneof(fc.integer(), fc.double()))]));
const timed = (names: string) => Object.fromEntries(names.split(" ").map(name => [name, mostly(fc.option(timestamp))]));

const item = document({
  ...named("type category priority icon title body url doneAction why held muted"),
  ...numbered("rank actorCount eventCount revision"),
  ...timed("createdAt updatedAt seenAt readAt archivedAt snoozedUntil retractedAt expireAt"),
  actors: mostly(fc.array(mostly(document(named("id name imageUrl"))))),
  actions: mostly(fc.array(mostly(document(named("id label url style"))))),
  target: mostly(document(named("type id source title url"))),
  push: mostly(document(numbered("revision"))),
  withdrawn: mostly(document(numbered("revision"))),
});

const stored = (time: number | null) => (time === null ? null : { toMillis: () => time });

/** The document that says what the item does. */
function encode(n: Notification): Record<string, unknown> {
  const { createdAt, updatedAt, seenAt, readAt, archivedAt, snoozedUntil, retractedAt, expireAt, shown, ...rest } = n;
  const times = { createdAt, updatedAt, seenAt, readAt, archivedAt, snoozedUntil, retractedAt, expireAt };
  return {
    ...rest,
    push: { revision: shown },
    ...Object.fromEntries(Object.entries(times).map(([name, time]) => [name, stored(time)])),
  };
}

it("reads any document of an item as one that stays the same", { timeout }, () => {
  fc.assert(
    fc.property(fc.string(), item, fc.boolean(), (id, data, pending) => {
      const once = decodeNotification(id, data, pending);
      expect(once.title.trim()).not.toBe("");
      expect(decodeNotification(id, encode(once), pending)).toEqual(once);
    }),
    { numRuns },
  );
});

const range = fc.oneof(fc.constantFrom("22:00-07:00", "13:00-24:00", "7-8"), fc.string());
const profile = document({
  ...named("locale timeZone"),
  preferences: mostly(document({ push: mostly(fc.dictionary(fc.string(), mostly(fc.boolean()))) })),
  mutes: mostly(
    fc.dictionary(
      fc.oneof(fc.constantFrom("post/42", "order/7/%2Fshop"), fc.string()),
      mostly(document({ ...named("title"), ...timed("until") })),
    ),
  ),
  quietHours: mostly(
    document({
      enabled: mostly(fc.boolean()),
      week: mostly(document(Object.fromEntries(days.map(day => [day, mostly(fc.array(mostly(range)))])))),
    }),
  ),
  doNotDisturb: mostly(document({ enabled: mostly(fc.boolean()), ...timed("until") })),
  digest: mostly(document({ every: fc.constantFrom("day", "week", "month"), ...named("at on") })),
  pushesPerHour: mostly(fc.integer({ min: -1, max: 100 })),
});

/** The profile that says what the settings do. */
function profileOf({ chosen, mutes, quietHours, doNotDisturb, ...rest }: Settings): Record<string, unknown> {
  return {
    ...rest,
    preferences: Object.fromEntries(
      Object.entries(chosen).map(([channel, said]) => [channel, Object.fromEntries(said)]),
    ),
    mutes: Object.fromEntries(mutes.map(({ key, title, until }) => [key, { title, until: stored(until) }])),
    quietHours: {
      enabled: quietHours.enabled,
      week: Object.fromEntries(days.map(day => [day, quietHours.week[day].map(({ from, to }) => `${from}-${to}`)])),
    },
    doNotDisturb: { enabled: doNotDisturb.enabled, until: stored(doNotDisturb.until) },
  };
}

it("reads any profile as settings that stay the same", { timeout }, () => {
  fc.assert(
    fc.property(profile, data => {
      const once = decodeSettings(data);
      expect(decodeSettings(profileOf(once))).toEqual(once);
    }),
    { numRuns },
  );
});

const push = document({
  ...named("id title body url priority of"),
  revision: mostly(fc.oneof(fc.nat().map(String), texts)),
  withdraw: fc.constantFrom("true", "", undefined),
  actions: mostly(
    fc.oneof(
      fc.json(),
      fc.array(document(named("id label url"))).map(list => JSON.stringify(list)),
    ),
  ),
});

it("reads any push, any message and any notification's data as those that stay the same", { timeout }, () => {
  fc.assert(
    fc.property(push, fc.anything(), (data, other) => {
      const asked = readPush({ data });
      if (asked?.kind === "show") {
        const { actions, of, revision, ...words } = asked.item;
        const again = { ...words, revision: String(revision), actions: JSON.stringify(actions), of: of.join(" ") };
        expect(readPush({ data: again })).toEqual(asked);
      }
      expect(readPush(other) ?? null).toBeDefined();
      for (const tidings of ["page", "own", "show", "push", "unread", "done"]) {
        const said = readMessage({ ...data, tidings, uid: "bob", item: data, ids: other, clicks: [other, data] });
        if (said) expect(readMessage(said)).toEqual(said);
      }
      const shown = readShown({ uid: "bob", revision: 1, links: other, of: other });
      if (shown) expect(readShown(shown)).toEqual(shown);
    }),
    { numRuns },
  );
});
