/** When a snoozed item comes back, in the time zone of the person's machine. */
export type SnoozePreset = "hour" | "evening" | "tomorrow" | "week";

const evening = 18; // o'clock
const morning = 9;

/** The presets that make sense at `now`, with the time that each leads to. "This evening" is gone by five. */
export function snoozePresets(now: number): readonly { readonly preset: SnoozePreset; readonly until: number }[] {
  const at = new Date(now);
  const day = (days: number, hour: number) =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, hour).getTime();
  const toMonday = at.getDay() === 0 ? 8 : 8 - at.getDay(); // on a Sunday, the day after is tomorrow
  return [
    { preset: "hour", until: now + 3_600_000 },
    ...(at.getHours() < evening - 1 ? [{ preset: "evening" as const, until: day(0, evening) }] : []),
    { preset: "tomorrow", until: day(1, morning) },
    { preset: "week", until: day(toMonday, morning) },
  ];
}
