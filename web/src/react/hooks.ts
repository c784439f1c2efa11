/** For products that bring their own looks: everything the components know, without the components. */
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Inbox, InboxSnapshot } from "../core";
import { useSurroundings } from "./context";

/** The inbox itself: its marks. Does not draw again when the inbox changes. */
export function useInbox(): Inbox {
  return useSurroundings().inbox;
}

/** The whole snapshot; draws again at every change. */
export function useNotifications(): InboxSnapshot {
  const { inbox } = useSurroundings();
  return useSyncExternalStore(inbox.subscribe, inbox.getSnapshot, inbox.getSnapshot);
}

/** The badge's number; draws again only when the number changes. */
export function useUnreadCount(): number {
  const { inbox } = useSurroundings();
  const count = () => inbox.getSnapshot().unreadCount;
  return useSyncExternalStore(inbox.subscribe, count, count);
}

const tick = 15_000; // ms; "just now" turns into "1 min" at most this late

/** The inbox's time, drawn again every 15 seconds and when the clock jumps. */
export function useNow(): number {
  const { clock } = useInbox();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const look = () => setNow(clock.now());
    const timer = setInterval(look, tick);
    const stop = clock.onJump(look);
    look();
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [clock]);
  return now;
}
