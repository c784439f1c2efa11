/** Numbers as people read them. */

export function count(locale: string, value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

export function percent(locale: string, part: number, of: number): string {
  return of > 0 ? new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(part / of) : "";
}

const units = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
  { unit: "millisecond", seconds: 0.001 },
] as const;

/** "40 ms", "2.5 min". */
export function duration(locale: string, seconds: number): string {
  const { unit, seconds: one } = units.find(({ seconds: least }) => seconds >= least) ?? {
    unit: "millisecond",
    seconds: 0.001,
  };
  const value = seconds / one;
  const maximumFractionDigits = value < 10 && unit !== "millisecond" ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits }).format(
    value,
  );
}

/** A day of the answer: "Nov 27". */
export function dayOf(locale: string, day: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(Date.parse(day));
}
