import type { Words } from "./words";

/** One of the times to snooze until that the centre offers. */
export interface SnoozeTime {
  /** Tells it from the others. */
  readonly id: string;
  /** What people read: "This evening". */
  readonly label: string;
  /** When the item comes back, in milliseconds since 1970, at most 366 days ahead. */
  readonly until: number;
}

/** The times to offer at `now`; the first one is the row's button, all of them are in its menu. */
export type SnoozeTimes = (now: number, words: Words) => readonly SnoozeTime[];

const evening = 18; // o'clock
const morning = 9;

/** An hour, this evening, tomorrow and next week, in this machine's time zone. By five, "this evening" is not offered any more. */
export const snoozeTimes: SnoozeTimes = (now, { snoozeUntil }) => {
  const at = new Date(now);
  const day = (days: number, hour: number) =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, hour).getTime();
  const toMonday = at.getDay() === 0 ? 8 : 8 - at.getDay(); // on a Sunday, the day after is tomorrow
  const times = [
    { id: "hour", until: now + 3_600_000 },
    { id: "evening", until: day(0, evening) },
    { id: "tomorrow", until: day(1, morning) },
    { id: "week", until: day(toMonday, morning) },
  ] as const;
  return times
    .filter(({ id }) => id !== "evening" || at.getHours() < evening - 1)
    .map(time => ({ ...time, label: snoozeUntil[time.id] }));
};
