/** What the rows of a feed do by keys, and how they behave when they move by themselves. */
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { useGuard } from "./guard";
import type { NotificationItemProps } from "./item";
import { rowOf } from "./use-feed-focus";

/** Carries out the deed of a key on a row. Answers false for a key that does nothing. */
export function useRowKeys(feed: RefObject<HTMLElement | null>, onMenu: NotificationItemProps["onMenu"]) {
  const { inbox } = useSurroundings();
  return (item: Notification, key: string): boolean => {
    const { id, archivedAt, readAt } = item;
    switch (key) {
      case "e":
        void (archivedAt === null ? inbox.archive(id) : inbox.unarchive(id));
        return true;
      case "u":
        void (readAt === null ? inbox.markRead(id) : inbox.markUnread(id));
        return true;
      case "h": {
        const button = rowOf(feed.current, id)?.querySelector<HTMLElement>('[aria-haspopup="menu"]');
        if (button) onMenu(item, button, "times");
        return true;
      }
      default:
        return false;
    }
  };
}

/**
 * The rows have moved under a pointer that rests on them: for half a second a press is swallowed, since it was meant for
 * the row that was there. What the person moved by a press of their own does not count.
 */
export function useMovedRows(feed: RefObject<HTMLElement | null>, items: readonly Notification[]) {
  const { arm, pointerHandlers } = useGuard();
  const pressedAt = useRef(Number.NEGATIVE_INFINITY);
  const order = items.map(({ id }) => id).join(" ");
  const before = useRef(order);
  useLayoutEffect(() => {
    const moved = before.current !== order && !order.startsWith(before.current); // older ones that come behind move nothing
    before.current = order;
    const own = performance.now() - pressedAt.current < ownDeed;
    if (moved && !own && feed.current?.matches(":hover")) arm();
  });
  const pressed = () => {
    pressedAt.current = performance.now();
  };
  return { ...pointerHandlers, onPointerDown: pressed, onKeyDownCapture: pressed };
}

const ownDeed = 1000; // ms in which a deed shows
