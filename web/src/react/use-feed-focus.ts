import { type FocusEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Notification } from "../core";
import { focusWhenDrawn } from "./focus";

interface FeedParts {
  readonly feed: RefObject<HTMLElement | null>;
  readonly rows: RefObject<VirtualizerHandle | null>;
  readonly items: readonly Notification[];
  /** The last row has gone while it had the focus. */
  readonly onEmptied: () => void;
}

/** Which row of a feed is the tab stop, and how the focus goes from one row to another one. */
export function useFeedFocus({ feed, rows, items, onEmptied }: FeedParts) {
  const [current, setCurrent] = useState<string | null>(null);
  const memory = useRef({ inside: false, index: 0, wanted: null as string | null }).current;
  const stopFocusing = useRef(() => {});
  const found = items.findIndex(({ id }) => id === current);

  function walkTo(index: number) {
    const item = items[index];
    if (!item) return;
    memory.wanted = item.id;
    setCurrent(item.id);
    rows.current?.scrollToIndex(index, { align: "nearest" });
  }

  // A row has to exist before it can be focused; and when the focused one has gone, the next one takes its place.
  useLayoutEffect(() => {
    const lost = memory.inside && current !== null && found < 0;
    if (lost && items.length === 0) {
      memory.inside = false;
      onEmptied();
      return;
    }
    if (lost) {
      walkTo(Math.min(memory.index, items.length - 1));
      return;
    }
    if (memory.inside && found >= 0) memory.index = found;
    const { wanted } = memory;
    if (wanted === null) return;
    memory.wanted = null;
    stopFocusing.current();
    stopFocusing.current = focusWhenDrawn(() => rowOf(feed.current, wanted));
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
