import { type FocusEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Notification } from "../core";
import { focusWhenDrawn } from "./focus";
import { useNow } from "./hooks";
import { NotificationItem, type NotificationItemProps } from "./item";
import { useMovedRows, useRowKeys } from "./rows";

interface FeedProps {
  readonly items: readonly Notification[];
  readonly label: string;
  readonly busy: boolean;
  readonly hasMore: boolean;
  readonly scroll: RefObject<HTMLElement | null>;
  readonly onMenu: NotificationItemProps["onMenu"];
  readonly onFollowed: NotificationItemProps["onFollowed"];
  /** The last row has gone while it had the focus. */
  readonly onEmptied: () => void;
}

/**
 * The rows as a WAI-ARIA feed, of which only those in sight exist. One row is the tab stop; the arrows, Page Up and Down,
 * Home and End walk, and Control with Home or End leaves the feed, as its APG pattern asks. On a row `e` archives, `u` turns
 * read and unread, `h` offers times to snooze; `j` and `k` walk, too.
 */
export function Feed({ items, label, busy, hasMore, scroll, onMenu, onFollowed, onEmptied }: FeedProps) {
  const now = useNow();
  const feed = useRef<HTMLDivElement>(null);
  const rows = useRef<VirtualizerHandle>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const focus = useRef({ inside: false, index: 0, wanted: null as string | null });
  const stopFocusing = useRef(() => {});
  const found = items.findIndex(({ id }) => id === current);
  const stop = Math.max(0, found);
  const guard = useMovedRows(feed, items);
  const deeds = useRowKeys(feed, onMenu);

  function walkTo(index: number) {
    const item = items[index];
    if (!item) return;
    focus.current.wanted = item.id;
    setCurrent(item.id);
    rows.current?.scrollToIndex(index, { align: "nearest" });
  }

  // A row has to exist before it can be focused; and when the focused one has gone, the next one takes its place.
  useLayoutEffect(() => {
    const memory = focus.current;
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

  function walk(event: KeyboardEvent<HTMLElement>) {
    if (event.metaKey || event.altKey) return;
    const row = items[stop];
    if (!event.ctrlKey && row && deeds(row, event.key)) return event.preventDefault();
    if (event.ctrlKey) {
      if (event.key === "Home" || event.key === "End") leave(event, event.key === "End");
      return;
    }
    const to = {
      j: stop + 1,
      k: stop - 1,
      ArrowDown: stop + 1,
      PageDown: stop + 1,
      ArrowUp: stop - 1,
      PageUp: stop - 1,
      Home: 0,
      End: items.length - 1,
    }[event.key];
    if (to === undefined || !items[to]) return;
    event.preventDefault();
    walkTo(to);
  }

  function entered(event: FocusEvent<HTMLElement>) {
    const id = event.target.closest("article")?.dataset.id;
    if (!id) return;
    focus.current.inside = true;
    focus.current.index = items.findIndex(item => item.id === id);
    setCurrent(id);
  }

  function left(event: FocusEvent<HTMLElement>) {
    // Without a next element the focused row itself may have been taken away.
    const next = event.relatedTarget;
    if (next && !event.currentTarget.contains(next)) focus.current.inside = false;
  }

  return (
    <div
      ref={feed}
      role="feed"
      aria-label={label}
      aria-busy={busy}
      aria-keyshortcuts="e u h j k z"
      onKeyDown={walk}
      onFocus={entered}
      onBlur={left}
      {...guard}
    >
      <Virtualizer ref={rows} scrollRef={scroll} keepMounted={[stop]}>
        {items.map((item, index) => (
          <NotificationItem
            key={item.id}
            item={item}
            now={now}
            position={index + 1}
            size={hasMore ? -1 : items.length}
            tabStop={index === stop}
            onMenu={onMenu}
            onFollowed={onFollowed}
          />
        ))}
      </Virtualizer>
    </div>
  );
}

function rowOf(feed: HTMLElement | null, id: string): HTMLElement | null {
  return feed?.querySelector<HTMLElement>(`article[data-id="${CSS.escape(id)}"]`) ?? null;
}

const focusable = "a[href], button:not(:disabled), input, select, [tabindex]";

/** To the first thing after the feed, or the last one before it. */
function leave(event: KeyboardEvent<HTMLElement>, forward: boolean) {
  const feed = event.currentTarget;
  const all = [...document.querySelectorAll<HTMLElement>(focusable)].filter(
    element => element.tabIndex >= 0 && element.getClientRects().length > 0 && !feed.contains(element),
  );
  const mask = forward ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const beyond = all.filter(element => feed.compareDocumentPosition(element) & mask);
  const next = forward ? beyond[0] : beyond.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus();
}
