/** The sections of a list: what waits for the person, and below it the days, by the date where the person is. */
import { isPinned, type Notification } from "../core";

export type Section = "waiting" | "today" | "yesterday" | "earlier";

/**
 * For each of the items, which are in the inbox's order, the section that begins with it; null inside of a section. A day is
 * what the calendar of this machine's time zone says, so one of 23 or 25 hours is a day, too.
 */
export function sectionsOf(items: readonly Notification[], now: number): readonly (Section | null)[] {
  const today = midnight(now, 0);
  const yesterday = midnight(now, -1);
  let current: Section | null = null;
  return items.map(item => {
    const section = isPinned(item) ? "waiting" : dayOf(item.updatedAt);
    if (section === current) return null;
    current = section;
    return section;
  });

  function dayOf(at: number): Section {
    return at >= today ? "today" : at >= yesterday ? "yesterday" : "earlier";
  }
}

/** The start of the day that is `days` after the one of `now`. */
function midnight(now: number, days: number): number {
  const at = new Date(now);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).getTime();
}
