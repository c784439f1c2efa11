import type { Words } from "./words";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A short "how long ago": "just now", "5 min. ago", "3 hr. ago", "2 days ago", and from a week on the date. */
export function relativeTime(at: number, now: number, words: Words): string {
  const age = now - at;
  // Also covers what a clock slightly ahead of ours has written.
  if (age < minute) return words.justNow;
  if (age >= 7 * day) return dates(words.locale).format(at);
  const format = relatives(words.locale);
  if (age < hour) return format.format(-Math.floor(age / minute), "minute");
  if (age < day) return format.format(-Math.floor(age / hour), "hour");
  return format.format(-Math.floor(age / day), "day");
}

/** The exact time, for the tooltip. */
export function exactTime(at: number, words: Words): string {
  return exacts(words.locale).format(at);
}

const relatives = perLocale(locale => new Intl.RelativeTimeFormat(locale, { style: "narrow", numeric: "always" }));
const dates = perLocale(locale => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }));
const exacts = perLocale(locale => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }));

/** Formatters are slow to make and lists need many. */
function perLocale<T>(make: (locale: string) => T): (locale: string) => T {
  const made = new Map<string, T>();
  return locale => {
    const known = made.get(locale) ?? make(locale);
    made.set(locale, known);
    return known;
  };
}
