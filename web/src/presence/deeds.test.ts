import { describe, expect, it } from "vitest";
import type { Inbox } from "../core/inbox";
import type { Notification } from "../core/model";
import { aNotification } from "../testing/notifications";
import { collectDeeds } from "./deeds";

const now = 1_764_240_000_000;
const minute = 60_000;

/** The deeds that a page collects of lists that follow one another. */
function collected(...lists: Partial<Notification>[][]) {
  let listener: (snapshot: { notifications: readonly Notification[] }) => void = () => {};
  let closed = false;
  const inbox = {
    subscribe(given: typeof listener) {
      listener = given;
      return () => {
        closed = true;
      };
    },
  } as unknown as Inbox;
  const deeds = collectDeeds(inbox);
  for (const list of lists) listener({ notifications: list.map(one => aNotification(one)) });
  const latest = deeds.latest(now);
  deeds.close();
  expect(closed).toBe(true);
  return latest;
}

describe("what the person did", () => {
  it("is read from the marks, the latest first", () => {
    const item = { id: "a", revision: 3, seenAt: now - 9, readAt: now - 5, followedAt: now - 5, doneAt: now - 1 };
    const other = { id: "b", revision: 1, readAt: now - 7 };
    expect(collected([item, other, { id: "c" }])).toEqual([
      `acted ${now - 1} 3 a`,
      `opened ${now - 5} 3 a`,
      `seen ${now - 7} 1 b`,
      `seen ${now - 9} 3 a`,
    ]);
  });

  it("stays when the item leaves the list, or news takes its marks away", () => {
    const seen = { id: "a", seenAt: now - 9 };
    expect(collected([seen], [])).toEqual([`seen ${now - 9} 1 a`]);
    expect(collected([seen], [{ id: "a", revision: 2 }])).toEqual([`seen ${now - 9} 1 a`]);
  });

  it("waits for the server's time", () => {
    expect(collected([{ seenAt: now - 9, pending: true }])).toEqual([]);
    expect(collected([{ seenAt: now - 9, pending: true }], [{ seenAt: now - 8 }])).toEqual([`seen ${now - 8} 1 n1`]);
  });

  it("is left out once news has come two minutes later: who brought it has read the profile", () => {
    const [early, late] = [{ id: "a", seenAt: now - 9 * minute }, { id: "b", seenAt: now - 6 * minute }]; // biome-ignore format: side by side
    const newsAt = (ago: number) => ({ id: "news", updatedAt: now - ago });
    expect(collected([early, late, newsAt(10 * minute)])).toHaveLength(2);
    expect(collected([early, late, newsAt(5 * minute)])).toEqual([`seen ${now - 6 * minute} 1 b`]);
    expect(collected([early, late, { ...newsAt(0), why: "audience:everybody" }])).toHaveLength(2);
  });

  it("is of a day, and at most a hundred", () => {
    expect(collected([{ seenAt: now - 25 * 60 * minute }])).toEqual([]);
    const many = Array.from({ length: 130 }, (_, i) => ({ id: `n${i}`, seenAt: now - i }));
    expect(collected(many)).toEqual(many.slice(0, 100).map(({ id, seenAt }) => `seen ${seenAt} 1 ${id}`));
  });

  it("is not what somebody does with an announcement", () => {
    expect(collected([{ why: "audience:everybody", seenAt: now - 1 }])).toEqual([]);
  });
});
