/**
 * What is shown, in which order, and what it counts: the pure part of the inbox. Everything here is a function of the
 * items that the listener holds and of the time, which is why no count can drift.
 */
import type { Notification } from "./model";

/** What waits for the person first, then the newest; the id decides between equals, so that no two screens ever disagree. */
export function byImportance(a: Notification, b: Notification): number {
  const first = Number(isPinned(b)) - Number(isPinned(a));
  return first || b.updatedAt - a.updatedAt || byId(a, b);
}

function byId(a: Notification, b: Notification): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Whether it stands above all that is newer: unread, and urgent or with a question that is open. Once read it does not. */
export function isPinned(item: Notification): boolean {
  return item.readAt === null && (item.priority === "urgent" || hasOpenQuestion(item));
}

/** Whether it asks something that nobody has answered. */
export function hasOpenQuestion({ actions, doneAction }: Notification): boolean {
  return actions.length > 0 && doneAction === null;
}

/** Whether the inbox lists the item at `now`: not taken back, not over, not put away, not snoozed. */
export function isListed(item: Notification, now: number): boolean {
  return isAlive(item, now) && item.archivedAt === null && !isSnoozed(item, now);
}

/** Whether there is anything to show of it, in the inbox or in the archive. */
export function isAlive(item: Notification, now: number): boolean {
  return item.retractedAt === null && (item.expireAt === null || item.expireAt > now);
}

/** Whether it interrupts until it is answered: urgent, with a question that is still open. */
export function needsAnswer(item: Notification): boolean {
  return item.priority === "urgent" && item.readAt === null && hasOpenQuestion(item);
}

/** Whether the item waits for a later time. At that time it is back. */
export function isSnoozed(item: Notification, now: number): boolean {
  return item.snoozedUntil !== null && item.snoozedUntil > now;
}

/**
 * One item per id, the one of the highest revision. Of equal revisions the later arrival wins: marks do not change the
 * revision. An entry that equals the one held keeps its identity, so that nothing is drawn twice.
 */
export function mergeById(
  held: ReadonlyMap<string, Notification>,
  arrived: readonly Notification[],
): ReadonlyMap<string, Notification> {
  const merged = new Map<string, Notification>();
  for (const item of arrived) {
    const known = merged.get(item.id) ?? held.get(item.id);
    const keep = known !== undefined && (known.revision > item.revision || isSame(known, item));
    merged.set(item.id, keep ? known : item);
  }
  return merged;
}

/** Whether the two look and count the same. A list or an object within an item changes only with the revision. */
function isSame(a: Notification, b: Notification): boolean {
  return (
    a === b || Object.entries(a).every(([field, value]) => value === b[field as keyof Notification] || isNested(value))
  );
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

type Belongs = (item: Notification, now: number) => boolean;
type Compare = (a: Notification, b: Notification) => number;

/** What each list shows, and in which order. */
const lists: Readonly<Record<"inbox" | "archive" | "snoozed", { readonly belongs: Belongs; readonly order: Compare }>> =
  {
    inbox: { belongs: isListed, order: byImportance },
    /** The latest put away first. */
    archive: {
      belongs: (item, now) => isAlive(item, now) && item.archivedAt !== null,
      order: (a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || byId(a, b),
    },
    /** The next to come back first. */
    snoozed: {
      belongs: (item, now) => isAlive(item, now) && item.archivedAt === null && isSnoozed(item, now),
      order: (a, b) => (a.snoozedUntil ?? 0) - (b.snoozedUntil ?? 0) || byId(a, b),
    },
  };

/** What `list` shows of the items at `now`, in order. */
export function arrange(
  items: Iterable<Notification>,
  now: number,
  list: keyof typeof lists = "inbox",
): readonly Notification[] {
  const { belongs, order } = lists[list];
  return [...items].filter(item => belongs(item, now)).sort(order);
}

/** What the badge counts: listed items that are unread. Low priority is for the centre only and never counts. */
export function countUnread(listed: readonly Notification[]): number {
  return listed.filter(({ readAt, priority }) => readAt === null && priority !== "low").length;
}

/** The same for items that have not been on any of the person's screens yet. */
export function countUnseen(listed: readonly Notification[]): number {
  return listed.filter(({ seenAt, priority }) => seenAt === null && priority !== "low").length;
}

/** What a badge has room for: "", "1" … "99", "99+". */
export function badgeText(count: number): string {
  if (count <= 0) return "";
  return count > 99 ? "99+" : String(count);
}

/** When the next item comes back from its snooze or is over, in milliseconds since 1970; null if none is. */
export function nextChange(items: Iterable<Notification>, now: number): number | null {
  let next: number | null = null;
  for (const { snoozedUntil, expireAt } of items) {
    for (const time of [snoozedUntil, expireAt]) {
      if (time !== null && time > now && (next === null || time < next)) next = time;
    }
  }
  return next;
}
