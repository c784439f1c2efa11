/** The document `users/{uid}`, as Firestore's side and ours speak of it, without Firestore itself. */
import type { InboxError } from "../page";
import type { ProfileChange } from "./model";

/** The document as it stands; without items where there is none. */
export interface ProfilePage {
  readonly items: readonly StoredProfile[];
  /** Whether the server has not confirmed it (yet, or any more). */
  readonly fromCache: boolean;
}

export interface StoredProfile {
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether a change of ours has not reached the server yet. */
  readonly pending: boolean;
}

/** Called by one listener. After `failed` the listener is over, and calls nothing more. */
export interface ProfileObserver {
  page(page: ProfilePage): void;
  failed(error: InboxError): void;
}

/** Where the person's profile is read and written. */
export interface ProfileSource {
  /** What starts a listener. */
  listen(): Promise<(observer: ProfileObserver) => () => void>;
  /** Settles when the server has answered; "refused" by the rules, and then all is as before. */
  write(change: ProfileChange): Promise<"stored" | "refused">;
}
