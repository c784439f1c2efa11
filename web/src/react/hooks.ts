/** For products that bring their own looks: everything the components know, without the components. */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { AlertsSnapshot, Inbox, InboxSnapshot, ListSnapshot, Readable } from "../core";
import { useSurroundings } from "./context";

/** The inbox itself: its marks. Does not draw again when the inbox changes. */
export function useInbox(): Inbox {
  return useSurroundings().inbox;
}

/** The whole snapshot; draws again when it has changed: within a press at once, else at most once a frame. */
export function useNotifications(): InboxSnapshot {
  return useFrames(useSurroundings().inbox);
}

/** The badge's number; draws again only when the number changes. */
export function useUnreadCount(): number {
  return usePart(snapshot => snapshot.unreadCount);
}

/** A part of the snapshot that is a number, text or truth; draws again only when it changes. */
export function usePart<T extends number | string | boolean>(part: (snapshot: InboxSnapshot) => T): T {
  const { inbox } = useSurroundings();
  const look = () => part(inbox.getSnapshot());
  return useSyncExternalStore(inbox.subscribe, look, look);
}

/** What is archived. It is listened to, and paid for, while a component that uses this is mounted. */
export function useArchived(): ListSnapshot {
  return useFrames(useSurroundings().inbox.archived);
}

/** What is snoozed. It is listened to, and paid for, while a component that uses this is mounted. */
export function useSnoozed(): ListSnapshot {
  return useFrames(useSurroundings().inbox.snoozed);
}

/** The alerts' state; null where the product has none. */
export function useAlerts(): AlertsSnapshot | null {
  const { alerts } = useSurroundings();
  const subscribe = useCallback((listener: () => void) => alerts?.subscribe(listener) ?? (() => {}), [alerts]);
  const look = () => alerts?.getSnapshot() ?? null;
  return useSyncExternalStore(subscribe, look, look);
}

/** Whether a key or a press on the page is being heard; what the server, the database or a timer brings is not that. */
const isPress = () => globalThis.event?.target instanceof Element;

/**
 * Draws what changes many times a second once a frame. In a page that has none it does so twenty times a second. What a press has
 * done is drawn before the next one, since that is meant for what this one has left.
 */
export function useFrames<T>(source: Readable<T>): T {
  const subscribe = useCallback(
    (draw: () => void) => {
      let frame: number | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const forget = () => {
        if (frame !== undefined) cancelAnimationFrame(frame);
        clearTimeout(timer);
        frame = undefined;
        timer = undefined;
      };
      const drawThis = () => {
        forget();
        draw();
      };
      const stop = source.subscribe(() => {
        if (isPress()) return drawThis();
        if (frame !== undefined) return;
        frame = requestAnimationFrame(drawThis);
        timer = setTimeout(drawThis, 50);
      });
      return () => {
        stop();
        forget();
      };
    },
    [source],
  );
  return useSyncExternalStore(subscribe, source.getSnapshot, source.getSnapshot);
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
