import { here } from "./browser";
import { openHeadlessInbox } from "./headless";
import type { Inbox, InboxOptions } from "./inbox";

/** Opens the inbox of the signed-in person. Firestore is loaded after the first paint. Close it on sign-out. */
export function openInbox({ environment, ...options }: InboxOptions): Inbox {
  return openHeadlessInbox(options, { ...here, ...environment });
}
