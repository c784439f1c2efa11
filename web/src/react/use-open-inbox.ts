import { useEffect, useState } from "react";
import type { Inbox, InboxOptions } from "../core";
import { holdInbox } from "./hold-inbox";

/** What `openInbox` takes, but for the user. It counts when the inbox is opened. */
export type OpenInboxOptions = Omit<InboxOptions, "user">;

/**
 * The inbox of `user`, who is signed in with `options.app`; null while there is none. It is opened after the first render,
 * shared by all components that ask for the same person, and closed when the last of them goes, when another person signs in,
 * and when `user` becomes null. StrictMode opens no second one.
 */
export function useOpenInbox(user: InboxOptions["user"] | null | undefined, options: OpenInboxOptions): Inbox | null {
  const [opened, setOpened] = useState<{ readonly user: InboxOptions["user"]; readonly inbox: Inbox } | null>(null);
  const { app } = options;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another app or user is another inbox; other options are not.
  useEffect(() => {
    if (!user) return;
    const { inbox, release } = holdInbox({ ...options, user });
    setOpened({ user, inbox });
    return () => {
      setOpened(null);
      release();
    };
  }, [app, user]);
  // Never somebody else's, not even for one frame.
  return opened?.user === user ? (opened?.inbox ?? null) : null;
}
