/** What an inbox shows at one moment, as one immutable value, and how it follows from what the listener holds. */
import { arrange, arrangeArchive, countUnread, countUnseen } from "./arrange";
import { emptyListing, type Listing } from "./list";
import type { Notification } from "./model";
import type { Toast } from "./toasts";

/** connected: what you see is what is stored. reconnecting: it may be older. offline: it is older, and marks wait. */
export type ConnectionStatus = "connected" | "reconnecting" | "offline";

/** Why the inbox cannot listen at the moment. It tries again by itself. */
export interface InboxError {
  /** Firestore's code, such as "permission-denied"; "unknown" for anything else. */
  readonly code: string;
  /** For the console, not for the recipient. */
  readonly message: string;
}

export interface InboxSnapshot {
  /** What to list, in order: the most urgent first, then the newest. */
  readonly notifications: readonly Notification[];
  /** Listed, unread, and not of low priority: the badge's number. See `badgeText`. */
  readonly unreadCount: number;
  /** Listed, not seen on any screen, and not of low priority. */
  readonly unseenCount: number;
  /** The toasts; the first three are on screen. See `toasts.ts` for the policy. */
  readonly toastQueue: readonly Toast[];
  /** Whether there are older items, which `loadMore` brings. */
  readonly hasMore: boolean;
  /** False until the cache or the server has answered once. An empty list means "nothing there" only after that. */
  readonly loaded: boolean;
  readonly connectionStatus: ConnectionStatus;
  readonly error: InboxError | null;
}

/** The archive as far as it is loaded. */
export interface ArchiveSnapshot {
  /** The latest put away first. */
  readonly notifications: readonly Notification[];
  readonly hasMore: boolean;
  readonly loaded: boolean;
  readonly error: InboxError | null;
}

/** What the inbox knows, of which the snapshot is derived. */
export interface Knowledge {
  readonly listing: Listing;
  /** Whether the browser believes that there is a network. */
  readonly online: boolean;
  readonly toastQueue: readonly Toast[];
}

export const knowsNothing: Knowledge = { listing: emptyListing, online: true, toastQueue: [] };

/** The snapshot of `knowledge` at `now`. Answers `previous` itself, or its list, where they are still right. */
export function derive(knowledge: Knowledge, now: number, previous: InboxSnapshot | null): InboxSnapshot {
  const { listing, toastQueue } = knowledge;
  const arranged = arrange(listing.held.values(), now);
  const notifications =
    previous && sameItems(previous.notifications, arranged) ? previous.notifications : Object.freeze(arranged);
  const next: InboxSnapshot = {
    notifications,
    unreadCount: countUnread(notifications),
    unseenCount: countUnseen(notifications),
    toastQueue,
    hasMore: listing.hasMore,
    loaded: listing.loaded,
    connectionStatus: statusOf(knowledge),
    error: listing.error,
  };
  return previous && sameSnapshot(previous, next) ? previous : Object.freeze(next);
}

/** The same for the archive. */
export function deriveArchive(listing: Listing, now: number): ArchiveSnapshot {
  const { loaded, hasMore, error, held } = listing;
  return { notifications: arrangeArchive(held.values(), now), loaded, hasMore, error };
}

function statusOf({ online, listing: { live, error } }: Knowledge): ConnectionStatus {
  if (!online) return "offline";
  return live && error === null ? "connected" : "reconnecting";
}

function sameItems(a: readonly Notification[], b: readonly Notification[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function sameSnapshot(a: InboxSnapshot, b: InboxSnapshot): boolean {
  return (
    a.notifications === b.notifications &&
    a.toastQueue === b.toastQueue &&
    a.hasMore === b.hasMore &&
    a.loaded === b.loaded &&
    a.connectionStatus === b.connectionStatus &&
    a.error === b.error
  );
}
