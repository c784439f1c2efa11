import { type FocusEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { Notification } from "../core";

interface FeedParts {
  readonly feed: RefObject<HTMLElement | null>;
  readonly items: readonly Notification[];
  /** Has the row at that index drawn, if it is not yet. */
  readonly draw: (index: number) => void;
  /** The last row has gone while it had the focus. */
  readonly onEmptied: () => void;
}

/** Which row of a feed is the tab stop, and how the focus goes from one row to another one. */
export function useFeedFocus({ feed, items, draw, onEmptied }: FeedParts) {
  const [current, setCurrent] = useState<string | null>(null);
  const memory = useRef({ inside: false, index: 0 }).current;
  const found = items.findIndex(({ id }) => id === current);

  function walkTo(index: number) {
    draw(index);
    const item = items[index];
    const row = item ? rowOf(feed.current, item.id) : null;
    row?.focus({ preventScroll: true });
    // First what is above it, which may be its heading.
    for (const part of [row?.previousElementSibling, row]) part?.scrollIntoView({ block: "nearest" });
  }

  // When the focused row has gone, the next one takes its place.
  useLayoutEffect(() => {
    if (!memory.inside) return;
    if (found >= 0) {
      memory.index = found;
    } else if (items.length > 0) {
      walkTo(Math.min(memory.index, items.length - 1));
    } else {
      memory.inside = false;
      onEmptied();
    }
  });

  function entered(event: FocusEvent<HTMLElement>) {
    const id = event.target.closest("article")?.dataset.id;
    if (!id) return;
    memory.inside = true;
    memory.index = items.findIndex(item => item.id === id);
    setCurrent(id);
  }

  function left(event: FocusEvent<HTMLElement>) {
    // Without a next element the focused row itself may have been taken away.
    const next = event.relatedTarget;
    if (next && !event.currentTarget.contains(next)) memory.inside = false;
  }

  return { stop: Math.max(0, found), walkTo, handlers: { onFocus: entered, onBlur: left } };
}

/** The row of that item, if it is drawn. */
export function rowOf(feed: HTMLElement | null, id: string): HTMLElement | null {
  return feed?.querySelector<HTMLElement>(`article[data-id="${CSS.escape(id)}"]`) ?? null;
}
