/**
 * What the owner may write on an item, as plain data: the pure part of every mark. See infra/firestore.rules, which
 * refuses everything else.
 */
import type { Everybody, Notification } from "./model";

/** The server's time, by which marks are dated: the clocks of two devices never agree. */
export const serverTime: unique symbol = Symbol("server time");

/** One update of one item. */
export interface Mark {
  readonly seenAt?: typeof serverTime;
  readonly readAt?: typeof serverTime | null;
  readonly followedAt?: typeof serverTime;
  readonly archivedAt?: typeof serverTime | null;
  /** Milliseconds since 1970; null wakes the item. */
  readonly snoozedUntil?: number | null;
  readonly doneAction?: string;
  readonly doneAt?: typeof serverTime;
  /**
   * The revision that the person looked at. If the item has moved on by the time the mark arrives (on another device, or
   * because something new happened while this one was offline) this would change the revision, which no client may, so
   * the rules refuse the mark and the item stays as it is. A stale mark never swallows news.
   */
  readonly revision?: number;
}

/** A mark and the id of its item. */
export interface MarkOf {
  readonly id: string;
  readonly mark: Mark;
  /** The revision of the push that devices may show of the item, which ends if the person is done with it; 0 or missing is none. */
  readonly shown?: number;
  /** Of a mark on an announcement, which is a document of the person's own: when the announcement is over. */
  readonly until?: number;
}

/** The mark on that item. */
export function markOn({ id, why, expireAt, shown }: Notification, mark: Mark): MarkOf {
  return why === ("audience:everybody" satisfies Everybody) ? { id, mark, until: expireAt ?? 0 } : { id, mark, shown };
}

/** Why the server has refused a mark, for good. The item stays as it is. */
export type Refusal =
  /** Something new has happened to the item since the person looked at it. */
  | "moved-on"
  /** It is not there any more: it has expired, was taken back, or the person was erased. */
  | "gone"
  /** The rules do not allow it, such as a snooze of two years. */
  | "refused"
  /** Nobody is signed in any more, or somebody else. */
  | "signed-out";

/** stored: the server has it. */
export type MarkResult = "stored" | Refusal;

/** Everything a person can do to an item, but for answering it. follow: they read it, since they follow its link. */
export type Deed =
  | "seen"
  | "read"
  | "follow"
  | "unread"
  | "archive"
  | "unarchive"
  | { readonly snoozeUntil: number | null };

/** What each deed is about, and whether it sets that or takes it away. */
const effects = {
  seen: { field: "seenAt", sets: true },
  read: { field: "readAt", sets: true },
  follow: { field: "readAt", sets: true },
  unread: { field: "readAt", sets: false },
  archive: { field: "archivedAt", sets: true },
  unarchive: { field: "archivedAt", sets: false },
} as const;

/** The update that does `deed` to `item`; null if there is nothing to do. */
export function markFor(item: Notification, deed: Deed): Mark | null {
  const { revision } = item;
  const seen: Mark = item.seenAt === null ? { seenAt: serverTime } : {};
  if (typeof deed === "object") {
    return item.snoozedUntil === deed.snoozeUntil ? null : { ...seen, snoozedUntil: deed.snoozeUntil, revision };
  }
  const { field, sets } = effects[deed];
  if ((item[field] !== null) === sets) return null;
  if (!sets) return { [field]: null, revision };
  // Whatever is done to an item implies that it was seen. Of one that was read before, nobody hears that it is followed.
  return { ...seen, [field]: serverTime, ...(deed === "follow" && { followedAt: serverTime }), revision };
}

/**
 * The update that answers `item`; null if it is answered already or has no such action. It names no revision: what a
 * person has decided must arrive whatever else has happened to the item, and the rules see to it that it counts once.
 */
export function answerFor(item: Notification, action: string): Mark | null {
  const known = item.actions.some(({ id }) => id === action);
  return known && item.doneAction === null ? { doneAction: action, doneAt: serverTime } : null;
}

/**
 * The update that takes `deed` back; null if there is nothing to take back. `item` is as it was before the deed: a mark
 * leaves the revision as it is, and if the item has moved on in the meantime the rules refuse this one, too.
 */
export function undoFor(item: Notification, deed: Deed, now: number): Mark | null {
  const { revision } = item;
  if (typeof deed === "object") {
    const until = item.snoozedUntil !== null && item.snoozedUntil > now ? item.snoozedUntil : null;
    return { snoozedUntil: until, revision };
  }
  const { field, sets } = effects[deed];
  if (deed === "seen" || (item[field] !== null) === sets) return null; // "seen" is never taken back
  return { [field]: sets ? null : serverTime, revision };
}
