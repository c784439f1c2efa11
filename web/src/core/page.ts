/** What a bounded listener brings: the words that Firestore's side and ours share, without Firestore itself. */
import type { Notification } from "./model";
import { fields, text } from "./unknown";

/** How many items a page holds. A listener is billed one read per item and change, so it must end; the rules say 100. */
export const pageSize = 100;

/**
 * recent: what is not archived, the newest first. unread: what of it is unread, the most important first. archive: what is
 * archived, the latest first. snoozed: what waits for a later time, the next to come back first.
 */
export type ListName = "recent" | "unread" | "archive" | "snoozed";

/** The end of a page, after which the next one begins. */
export interface Cursor {
  /** Differs whenever the page ends elsewhere. */
  readonly key: string;
  /** Firestore's own document, which only Firestore's side reads. */
  readonly last: unknown;
}

/** One page as it stands. */
export interface Page {
  /** An unchanged item is the same object as before. */
  readonly items: readonly Notification[];
  /** Whether the server has not confirmed this page (yet, or any more). */
  readonly fromCache: boolean;
  /** Set where the page is full, so that there may be another one. */
  readonly next: Cursor | null;
}

/** Called by one listener. After `failed` the listener is over, and calls nothing more. */
export interface PageObserver {
  page(page: Page): void;
  failed(error: InboxError): void;
}

/** The announcements to everybody as the person's items: all of them, also what is archived or over. */
export interface AnnouncedPage {
  readonly items: readonly Notification[];
  readonly fromCache: boolean;
}

/** Called by the listener to announcements. After `failed` it is over, and calls nothing more. */
export interface AnnouncedObserver {
  page(page: AnnouncedPage): void;
  failed(error: InboxError): void;
}

/** Starts one listener, at the beginning of the list or after `after`. Returns the function that ends it. */
export type ListenToPage = (after: Cursor | null, observer: PageObserver) => () => void;

/** Why the inbox cannot listen at the moment. It tries again by itself. */
export interface InboxError {
  /**
   * Firestore's code, such as "permission-denied"; "ended" where only a new page helps; "not-loaded" where a
   * part of this package is missing; "unknown" for anything else.
   */
  readonly code: string;
  /** For the console, not for the recipient. */
  readonly message: string;
}

/** The code of a Firestore error; "unknown" for any other one. */
export function errorCode(error: unknown): string {
  return text(fields(error)?.code) || "unknown";
}

export function describeError(error: unknown): InboxError {
  return { code: errorCode(error), message: error instanceof Error ? error.message : String(error) };
}
