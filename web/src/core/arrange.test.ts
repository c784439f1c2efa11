import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aNotification, moments, notifications } from "../testing/notifications";
import { arrange, badgeText, byImportance, countUnread, countUnseen, isListed, mergeById, nextChange } from "./arrange";
import type { Notification } from "./model";

const nothing: ReadonlyMap<string, Notification> = new Map();

describe("arrange", () => {
  it("lists what is urgent or unanswered first, then the newest; what is read has lost its rank", () => {
    const actions = [{ id: "accept", label: "Accept", url: "", style: "" as const }];
    const items = [
      aNotification({ id: "old", priority: "high", updatedAt: 1 }),
      aNotification({ id: "low", priority: "low", updatedAt: 9 }),
      aNotification({ id: "new", updatedAt: 2 }),
      aNotification({ id: "was urgent", priority: "urgent", updatedAt: 3, readAt: 4 }),
      aNotification({ id: "answered", actions, doneAction: "accept", updatedAt: 4 }),
      aNotification({ id: "unanswered", actions, updatedAt: -1 }),
      aNotification({ id: "urgent", priority: "urgent", updatedAt: 0 }),
    ];
    expect(arrange(items, 0).map(item => item.id)).toEqual([
      "urgent",
      "unanswered",
      "low",
      "answered",
      "was urgent",
      "new",
      "old",
    ]);
  });

  it("leaves out what was taken back, put away, or snoozed until later", () => {
    const items = [
      aNotification({ id: "retracted", retractedAt: 5 }),
      aNotification({ id: "archived", archivedAt: 5 }),
      aNotification({ id: "snoozed", snoozedUntil: 11 }),
      aNotification({ id: "back", snoozedUntil: 10 }),
    ];
    expect(arrange(items, 10).map(item => item.id)).toEqual(["back"]);
  });

  it("gives one list, whatever the order of arrival", () => {
    fc.assert(
      fc.property(
        notifications.chain(items =>
          fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
        ),
        moments,
        ([items, shuffled], now) => {
          const unique = [...mergeById(nothing, items).values()];
          const sameShuffled = shuffled.filter(item => unique.includes(item));
          expect(arrange(sameShuffled, now)).toEqual(arrange(unique, now));
        },
      ),
    );
  });

  it("neither invents, loses nor repeats an item, and leaves no neighbours in the wrong order", () => {
    fc.assert(
      fc.property(notifications, moments, (arrived, now) => {
        const held = mergeById(nothing, arrived);
        const listed = arrange(held.values(), now);
        expect(new Set(listed)).toEqual(new Set([...held.values()].filter(item => isListed(item, now))));
        for (const [index, item] of listed.entries()) {
          const next = listed[index + 1];
          if (next) expect(byImportance(item, next)).toBeLessThan(0);
        }
      }),
    );
  });
});

describe("mergeById", () => {
  it("keeps of each id the highest revision, held or arrived", () => {
    fc.assert(
      fc.property(notifications, notifications, (first, second) => {
        const held = mergeById(nothing, first);
        for (const [id, item] of mergeById(held, second)) {
          const candidates = [...second.filter(one => one.id === id), ...(held.has(id) ? [held.get(id)] : [])];
          expect(item.revision).toBe(Math.max(...candidates.map(one => one?.revision ?? -1)));
        }
      }),
    );
  });

  it("holds exactly the ids that arrived last", () => {
    fc.assert(
      fc.property(notifications, notifications, (first, second) => {
        const merged = mergeById(mergeById(nothing, first), second);
        expect(new Set(merged.keys())).toEqual(new Set(second.map(item => item.id)));
      }),
    );
  });

  it("keeps the identity of what has not changed", () => {
    const held = mergeById(nothing, [aNotification()]);
    expect(mergeById(held, [aNotification()]).get("n1")).toBe(held.get("n1"));
  });

  it("takes a mark, which has no new revision", () => {
    const held = mergeById(nothing, [aNotification()]);
    expect(mergeById(held, [aNotification({ readAt: 3 })]).get("n1")?.readAt).toBe(3);
  });

  it("refuses an older revision, as a stale cache may bring one", () => {
    const held = mergeById(nothing, [aNotification({ revision: 7, title: "new" })]);
    expect(mergeById(held, [aNotification({ revision: 6, title: "old" })]).get("n1")?.title).toBe("new");
  });
});

describe("counts", () => {
  it("are those of a naive count over the list", () => {
    fc.assert(
      fc.property(notifications, moments, (arrived, now) => {
        const listed = arrange(mergeById(nothing, arrived).values(), now);
        const loud = listed.filter(item => item.rank > 0);
        expect(countUnread(listed)).toBe(loud.filter(item => item.readAt === null).length);
        expect(countUnseen(listed)).toBe(loud.filter(item => item.seenAt === null).length);
      }),
    );
  });

  it.each([
    [-1, ""],
    [0, ""],
    [1, "1"],
    [99, "99"],
    [100, "99+"],
  ])("of %i give the badge %j", (count, badge) => {
    expect(badgeText(count)).toBe(badge);
  });
});

describe("nextChange", () => {
  it("is the earliest end of a snooze that is still to come", () => {
    const items = [3, 7, 5, null].map((snoozedUntil, index) => aNotification({ id: `n${index}`, snoozedUntil }));
    expect(nextChange(items, 3)).toBe(5);
    expect(nextChange(items, 7)).toBeNull();
  });
});
