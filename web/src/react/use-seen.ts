import { type RefObject, useEffect } from "react";
import type { InboxSnapshot } from "../core";
import { useSurroundings } from "./context";

const stillness = 1500; // ms; a busy group changes many times a second, and every mark is a billed write

/** Marks what is listed as seen, once the list has been still for a moment in a page that someone can see. */
export function useSeen({ notifications }: InboxSnapshot, list: RefObject<HTMLElement | null>) {
  const { inbox } = useSurroundings();
  useEffect(() => {
    const unseen = notifications.filter(item => item.seenAt === null).map(item => item.id);
    if (unseen.length === 0) return;
    const mark = () => {
      // A popover that is closed has no boxes.
      const shown = !document.hidden && list.current !== null && list.current.getClientRects().length > 0;
      if (shown) void inbox.markSeen(unseen);
    };
    let timer = setTimeout(mark, stillness);
    const look = () => {
      clearTimeout(timer);
      timer = setTimeout(mark, stillness);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [inbox, notifications, list]);
}
