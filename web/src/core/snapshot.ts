/** What an inbox shows at one moment, as one immutable value, and how it follows from what the listeners hold. */
import { arrange, countUnread, countUnseen } from "./arrange";
import type { Listing } from "./list";
import { type InboxLists, noLists } from "./lists";
import type { Notification } from "./model";
import type { Notice } from "./notice";
import type { InboxError } from "./page";
import type { Toast } from "./toasts";

/** connected: what you see is what is stored. reconnecting: it may be older. offline: it is older, and marks wait. */
export type ConnectionStatus = "connected" | "reconnecting" | "offline";

export interface InboxSnapshot {
  /** What to list, in order: urgent and unanswered ones first, then the newest. What is read is not urgent any more. */
  readonly notifications: readonly Notification[];
  /** Unread and not of low priority: the badge's number, exact to 99; what is beyond may be more. See `badgeText`. */
  readonly unreadCount: number;
  /** The same, and not seen on any screen. */
  readonly unseenCount: number;
  /** The toasts; the first three are on screen. See `toasts.ts` for the policy. */
  readonly toastQueue: readonly Toast[];
  /** About what the person did last, and can take back with `undo`; or what did not work. */
  readonly notice: Notice | null;
  /** Whether there are older items, which `loadMore` brings. */
  readonly hasMore: boolean;
  /** False until the cache or the server has answered once. An empty list means "nothing there" only after that. */
  readonly loaded: boolean;
  readonly connectionStatus: ConnectionStatus;
  readonly error: InboxError | null;
}

/** The archive, or what is snoozed, as far as it is loaded. */
export interface ListSnapshot {
  readonly notifications: readonly Notification[];
  readonly hasMore: boolean;
  readonly loaded: boolean;
  readonly error: InboxError | null;
}

/** What the inbox knows, of which the snapshot is derived. */
export interface Knowledge extends InboxLists {
  /** Whether the browser believes that there is a network. */
  readonly online: boolean;
  readonly toastQueue: readonly Toast[];
  readonly notice: Notice | null;
  /** Set when nothing but a new page helps. */
  readonly ended: InboxError | null;
}

export const knowsNothing: Knowledge = {
  ...noLists,
  online: true,
  toastQueue: [],
  notice: null,
  ended: null,
};

/** The snapshot of `knowledge` at `now`. Returns `previous` itself, or its list, where they are still right. */
export function derive(knowledge: Knowledge, now: number, previous: InboxSnapshot | null): InboxSnapshot {
  const { recent, held, toastQueue, notice, ended } = knowledge;
  const arranged = arrange(held.values(), now);
  const notifications =
    previous && sameItems(previous.notifications, arranged) ? previous.notifications : Object.freeze(arranged);
  const next: InboxSnapshot = {
    notifications,
    unreadCount: countUnread(notifications),
    unseenCount: countUnseen(notifications),
    toastQueue,
    notice,
    hasMore: recent.hasMore,
    loaded: recent.loaded,
    connectionStatus: statusOf(knowledge),
    error: ended ?? recent.error,
  };
  return previous && sameSnapshot(previous, next) ? previous : Object.freeze(next);
}

/** What a list that is shown by itself holds at `now`, with what belongs there of the announcements. */
export function deriveList(
  listing: Listing,
  name: "archive" | "snoozed",
  now: number,
  announced: Iterable<Notification>,
): ListSnapshot {
  const { held, loaded, hasMore, error } = listing;
  return {
    loaded,
    hasMore,
    error,
    notifications: arrange([...held.values(), ...announced], now, name),
  };
}

function statusOf({ online, ended, recent: { live, error } }: Knowledge): ConnectionStatus {
  if (!online) return "offline";
  return live && error === null && ended === null ? "connected" : "reconnecting";
}

function sameItems(a: readonly Notification[], b: readonly Notification[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function sameSnapshot(a: InboxSnapshot, b: InboxSnapshot): boolean {
  return Object.entries(a).every(([field, value]) => value === b[field as keyof InboxSnapshot]);
}
