import { useEffect, useState } from "react";
import type { Inbox } from "../src/core";
import { openPresence, type Presence, type Watcher, watchPresence } from "../src/presence";
import type { Account, Sessions } from "./session";

/** The audience that all people of the demo are in. */
const colleagues = "harbour";

/** The person is there for as long as this window is in view, and looks at what its address names behind the "#". */
export function usePresenceOf(sessions: Sessions, inbox: Inbox | null): Presence | null {
  const presence = useOpened(sessions, inbox, openOwn);
  useEffect(() => {
    if (!presence) return;
    const move = () => presence.show(onScreen());
    move();
    window.addEventListener("hashchange", move);
    return () => {
      window.removeEventListener("hashchange", move);
      presence.close();
    };
  }, [presence]);
  return presence;
}

/** Sees who is there, for a screen on the desk: nobody looks at that as this person, who can be pushed to meanwhile. */
export function useWatcherOf(sessions: Sessions, inbox: Inbox | null): Watcher | null {
  return useOpened(sessions, inbox, openWatcher);
}

/** The target that the address names: "#post/42". */
export function onScreen(): string | null {
  const named = location.hash.slice(1);
  return named.includes("/") ? named : null;
}

function useOpened<T>(sessions: Sessions, inbox: Inbox | null, open: (account: Account, inbox: Inbox) => T): T | null {
  const [opened, setOpened] = useState<T | null>(null);
  useEffect(() => {
    if (!inbox) return;
    let current = true;
    void sessions.account(inbox.uid).then(account => current && setOpened(open(account, inbox)));
    return () => {
      current = false;
      setOpened(null);
    };
  }, [sessions, inbox, open]);
  return opened;
}

const openOwn = ({ app, user }: Account, inbox: Inbox) => openPresence({ app, user, inbox, audience: colleagues });
const openWatcher = ({ app }: Account, inbox: Inbox) => watchPresence({ app, inbox, audience: colleagues });
