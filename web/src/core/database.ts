import type { MarkOf, MarkResult } from "./marks";
import type { AnnouncedObserver, Cursor, ListenToPage, ListName, Page } from "./page";
import type { ProfileSource } from "./preferences/profile";

/** One answer of the server's. */
export interface ServerLook {
  /** The server's time minus this machine's, in milliseconds, give or take half of the way there and back; null if it does not answer. */
  readonly offset: number | null;
  /** What of `users/{uid}` decides about announcements, as Firestore's REST API writes it; null if it does not answer. */
  readonly profile: unknown;
}

/** The person's part of Firestore, which is loaded when it is first used. Every call rejects while it cannot be loaded. */
export interface Database {
  /** What starts the listeners of a list. */
  pages(list: ListName): () => Promise<ListenToPage>;
  /** What starts the listener to announcements. */
  announcements(): Promise<(observer: AnnouncedObserver) => () => void>;
  /** Reads one page once. `since` leaves out of the archive what was archived earlier, in milliseconds since 1970. */
  readPage(list: ListName, after: Cursor | null, since?: number): Promise<Page>;
  /** Each mark by itself, so that one that waits for the network arrives without this page. */
  writeEach(marks: readonly MarkOf[]): Promise<readonly MarkResult[]>;
  /** In one commit: only for when there is a network. */
  writeAll(marks: readonly MarkOf[]): Promise<readonly MarkResult[]>;
  /** The document that has what the person says. */
  readonly profile: ProfileSource;
  /** Finds out how the connection is, at the price of a read, and replaces one that is dead. Resolves to false if that fails. */
  wake(): Promise<boolean>;
  hasEnded(): Promise<boolean>;
  /** A fresh Firestore in the place of one that has ended. */
  replace(): Promise<void>;
  /** The server's time minus this machine's, in milliseconds; null if nobody says. Costs one read. */
  offset(): Promise<number | null>;
  /** Deletes what the browser keeps. */
  forget(): Promise<void>;
}
