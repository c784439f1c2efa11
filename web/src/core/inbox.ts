import type { FirebaseApp } from "firebase/app";
import type { Clock } from "./clock";
import type { InboxUser } from "./connection";
import type { Environment } from "./environment";
import type { LazyList } from "./lazy-list";
import type { MarkResult } from "./marks";
import type { Notification } from "./model";
import type { Preferences } from "./preferences/preferences";
import type { InboxSnapshot } from "./snapshot";
import type { Readable } from "./store";

export interface InboxOptions {
  /** The app that `user` is signed in with. */
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** The server's time unless given: this machine's, corrected by what the server says. */
  readonly clock?: Clock;
  /**
   * "host:port" of a Firestore emulator, for development. Firestore is loaded after the first paint: connecting it to the
   * emulator by hand would mean to load its 157 kB at the start. Without effect where the product has set Firestore up itself.
   */
  readonly firestoreEmulator?: string;
  /** What differs from a page of a browser, as in React Native. Without a page, what is not given is not known. */
  readonly environment?: Partial<Environment>;
}

/**
 * One person's open inbox. Whatever is done shows at once, in the snapshot as soon as the call returns; each promise settles when
 * the server has answered, which offline is after the network has come back. Where the server refuses it, it resolves to the
 * reason, such as "moved-on" when the item had changed in the meantime, and the item stays as it is. Ids that the inbox does not
 * hold, and marks that are made already, are "stored" without a write. A promise that rejects may be left alone: what did not work
 * is in the snapshot's `notice`, and why.
 */
export interface Inbox extends Readable<InboxSnapshot> {
  /** The person's uid. */
  readonly uid: string;
  readonly clock: Clock;
  /** The items have been on the person's screen. Each is marked once per revision, however often this is called. */
  markSeen(ids: readonly string[]): Promise<readonly MarkResult[]>;
  markRead(id: string): Promise<MarkResult>;
  /** Reads it, since the person follows its link; that is what tells "opened" from "read". An item that is read already stays as it is. */
  markOpened(id: string): Promise<MarkResult>;
  markUnread(id: string): Promise<MarkResult>;
  /** Marks all that is unread, low priority included, and what is not loaded, too: page by page, in the background. */
  markAllRead(): Promise<readonly MarkResult[]>;
  /** Puts the item away until it is unarchived or something new happens to it. */
  archive(id: string): Promise<MarkResult>;
  unarchive(id: string): Promise<MarkResult>;
  /** Archives all that is not snoozed, and what is not loaded, too: page by page, in the background. */
  archiveAll(): Promise<readonly MarkResult[]>;
  /** Hides the item until then (milliseconds since 1970, at most 366 days ahead); null brings it back. */
  snooze(id: string, until: number | null): Promise<MarkResult>;
  /** Answers the item with one of its actions, once and for all, and reads it. */
  act(id: string, actionId: string): Promise<MarkResult>;
  /** Takes back what the snapshot's `notice` is about, if that is undoable. */
  undo(): void;
  dismissNotice(): void;
  /** Stops the notice's time, while somebody points at it or has the focus on it. Each reason counts by itself. */
  holdNotice(held: boolean, reason?: string): void;
  /** Brings the next older items, if there are any; "unread" those that are unread. */
  loadMore(what?: "recent" | "unread"): void;
  /** What is archived. It is listened to while somebody is subscribed. */
  readonly archived: Archive;
  /** What is snoozed. It is listened to while somebody is subscribed. */
  readonly snoozed: Archive;
  /** What the person says about being told: loaded at the first call, the same at every call. Rejects while it cannot be loaded. */
  preferences(): Promise<Preferences>;
  /** Closes a toast, in all tabs. The item stays as it is. */
  dismissToast(id: string): void;
  /** Closes all toasts, in all tabs. */
  dismissToasts(): void;
  /** How long a toast of high priority stays, in milliseconds, 5,000 unless set; one that asks something, twice as long. */
  paceToasts(stay: number): void;
  /** Stops the toasts' time, while somebody points at one, or it is covered. Each reason counts by itself. */
  holdToasts(held: boolean, reason?: string): void;
  /** Calls `listener` with what is new to the person, from the moment on that the inbox was first shown. */
  onNews(listener: (news: readonly Notification[]) => void): () => void;
  /** After an error: tries again now instead of when the back-off ends. */
  retry(): void;
  /** Ends all listeners, timers and channels and forgets all subscribers. The inbox is of no use afterwards. */
  close(): void;
  /**
   * For a sign-out on a computer that others use: closes the inbox and deletes what this browser keeps of it. That is the
   * whole cache of the app's Firestore, also what the product itself has in it, and what had not been sent. The product's own
   * listeners end. Rejects with "failed-precondition" while another tab of the app is open.
   */
  forget(): Promise<void>;
}

/** A list that is listened to while somebody is subscribed. */
export type Archive = LazyList;
