import { type Day, days } from "../../core/preferences";

const monday = Date.UTC(2024, 0, 1); // a Monday
const dayLength = 86_400_000; // ms

/** The day's name, as the language has it. */
export function nameOf(day: Day, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  return format.format(monday + days.indexOf(day) * dayLength);
}
