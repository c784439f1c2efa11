/**
 * How much of what people do the functions hear of, in a model of a month: the real collector, on a page that comes and goes, and a subscriber that reads
 * the profile whenever there is news for the person. shared/README ("Facts") has the numbers.
 */
import { describe, expect, it } from "vitest";
import type { Inbox } from "../core/inbox";
import type { Notification } from "../core/model";
import { aNotification } from "../testing/notifications";
import { collectDeeds } from "./deeds";
import { leaseBeat } from "./lease";

const [second, hour, day] = [1000, 3_600_000, 86_400_000];

/** How a person lives: news a day, visits a day, each of so many seconds. */
interface Habits {
  readonly news: number;
  readonly visits: number;
  readonly seconds: number;
}

/** The same numbers at each run. */
function dice(seed: number) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A month of `people`: which share of their deeds is told within it, how late half of those are, and how often each is told where every event meets another instance. */
function month(people: number, habits: Habits) {
  const random = dice(1);
  const total = { done: 0, told: 0, tellings: 0 };
  const late: number[] = [];
  for (let person = 0; person < people; person++) {
    const begin = 1_764_547_200_000;
    const moments = (perDay: number) =>
      Array.from({ length: Math.round(perDay * 30) }, () => begin + random() * 30 * day);
    const all = [
      ...moments(habits.news).map(at => ({ at, visit: false })),
      ...moments(habits.visits).map(at => ({ at, visit: true })),
    ].sort((a, b) => a.at - b.at);
    const items = new Map<string, Notification>();
    const unseen: string[] = [];
    const done = new Map<string, { at: number; told: number | null }>();
    let profile: readonly string[] = [];
    let listener: (snapshot: { notifications: readonly Notification[] }) => void = () => {};
    const list = () => listener({ notifications: [...items.values()].slice(-100) });

    function news(at: number) {
      for (const deed of profile) {
        total.tellings++;
        const known = done.get(deed);
        if (known && known.told === null) known.told = at;
      }
      const id = `i${items.size}`;
      items.set(id, aNotification({ id, updatedAt: at }));
      unseen.push(id);
      list();
    }

    function visit(from: number) {
      const inbox = {
        subscribe(given: typeof listener) {
          listener = given;
          return () => {
            listener = () => {};
          };
        },
      } as unknown as Inbox;
      const deeds = collectDeeds(inbox);
      const end = from + habits.seconds * second;
      let beat = from;
      const write = (at: number) => {
        const latest = deeds.latest(at);
        if (latest.length > 0) profile = latest;
      };
      list();
      for (let at = from; at <= end; at += second) {
        while (all[0] && all[0].at <= at) {
          const next = all.shift();
          if (next && !next.visit) news(next.at);
        }
        const next = items.get(unseen.shift() ?? "");
        if (next) mark(next, at);
        if (at - beat < leaseBeat) continue;
        beat = at;
        write(at);
      }
      write(end);
      deeds.close();
    }

    function mark(item: Notification, at: number) {
      const opens = random() < 0.2;
      const acts = random() < 0.05;
      items.set(item.id, { ...item, seenAt: at, followedAt: opens ? at : null, doneAt: acts ? at : null });
      for (const [stage, is] of [
        ["seen", true],
        ["opened", opens],
        ["acted", acts],
      ] as const) {
        if (is) done.set(`${stage} ${at} 1 ${item.id}`, { at, told: null });
      }
      list();
    }

    for (let next = all.shift(); next; next = all.shift()) {
      if (next.visit) visit(next.at);
      else news(next.at);
    }
    for (const { at, told } of done.values()) {
      total.done++;
      if (told === null) continue;
      total.told++;
      late.push(told - at);
    }
  }
  late.sort((a, b) => a - b);
  const hours = Math.round(((late[Math.floor(late.length / 2)] ?? 0) / hour) * 10) / 10;
  return { told: total.told / total.done, hours, tellings: total.tellings / total.told };
}

describe("of what people do in a month", () => {
  it.each<[string, Habits, number, number]>([
    ["a few news and visits a day", { news: 6, visits: 4, seconds: 120 }, 0.97, 5],
    ["many news, and a page that is open for hours", { news: 40, visits: 2, seconds: 3600 }, 0.97, 10],
    ["news once a day", { news: 1, visits: 2, seconds: 60 }, 0.9, 5],
    ["one visit in the evening, to all that has come", { news: 15, visits: 1, seconds: 300 }, 0.9, 30],
    ["a visit every few days", { news: 6, visits: 0.3, seconds: 300 }, 0.9, 30],
  ])(
    "most is told: %s",
    (name, habits, least, most) => {
      const { told, hours, tellings } = month(5, habits);
      console.log(
        `${name}: ${(told * 100).toFixed(1)} % told, half within ${hours} h, each ${tellings.toFixed(1)} times`,
      );
      expect(told).toBeGreaterThan(least);
      expect(tellings).toBeLessThan(most);
    },
    30_000,
  );
});
