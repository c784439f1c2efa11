import { type KeyboardEvent, useId, useRef } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { type Section, sectionsOf } from "./days";
import { leaveFeed, stepOf } from "./feed-keys";
import { useNow } from "./hooks";
import { NotificationItem, type NotificationItemProps } from "./item";
import { useMovedRows, useRowKeys } from "./rows";
import { useDrawn } from "./use-drawn";
import { useFeedFocus } from "./use-feed-focus";

interface FeedProps extends Pick<NotificationItemProps, "onMenu" | "onFollowed"> {
  readonly items: readonly Notification[];
  readonly label: string;
  readonly busy: boolean;
  readonly hasMore: boolean;
  /** Whether they are in the inbox's order, and so can stand under the days. */
  readonly byDay: boolean;
  /** The last row has gone while it had the focus. */
  readonly onEmptied: () => void;
}

/**
 * The rows as a WAI-ARIA feed, which are drawn as the reader comes to them. One row is the tab stop; the arrows, Page Up and Down,
 * Home and End walk, and Control with Home or End leaves the feed, as its APG pattern asks. On a row `e` archives, `u` turns
 * read and unread, `h` offers times to snooze; `j` and `k` walk, too.
 */
export function Feed({ items, label, busy, hasMore, byDay, onMenu, onFollowed, onEmptied }: FeedProps) {
  const now = useNow();
  const feed = useRef<HTMLDivElement>(null);
  const { drawn, draw } = useDrawn(feed, items.length);
  const { stop, walkTo, handlers } = useFeedFocus({ feed, items, draw, onEmptied });
  const guard = useMovedRows(feed, items);
  const deeds = useRowKeys(feed, onMenu);
  const sections = byDay ? sectionsOf(items, now) : [];

  function walk(event: KeyboardEvent<HTMLElement>) {
    if (event.metaKey || event.altKey) return;
    if (event.ctrlKey) {
      if (event.key === "Home" || event.key === "End") leaveFeed(event, event.key === "End");
      return;
    }
    const row = items[stop];
    if (row && deeds(row, event.key)) return event.preventDefault();
    const to = stepOf(event.key, stop, items.length);
    if (to === undefined || !items[to]) return;
    event.preventDefault();
    walkTo(to);
  }

  return (
    <div
      ref={feed}
      role="feed"
      aria-label={label}
      aria-busy={busy}
      aria-keyshortcuts="e u h j k z ?"
      onKeyDown={walk}
      {...handlers}
      {...guard}
    >
      {items.slice(0, drawn).map((item, index) => (
        <Row
          key={item.id}
          section={sections[index] ?? null}
          item={item}
          now={now}
          position={index + 1}
          size={hasMore ? -1 : items.length}
          tabStop={index === stop}
          onMenu={onMenu}
          onFollowed={onFollowed}
        />
      ))}
    </div>
  );
}

interface RowProps extends Omit<NotificationItemProps, "headingId"> {
  readonly section: Section | null;
}

/**
 * An item, below the heading of the section that begins with it. A feed may hold nothing but articles, so the heading is
 * plain text in it, and the article's description: it is read where it stands and when the focus comes to the row.
 */
function Row({ section, ...item }: RowProps) {
  const { words } = useSurroundings();
  const id = useId();
  return (
    <>
      {section && (
        <div className="td-day" id={id} data-testid="section">
          {words.sections[section]}
        </div>
      )}
      <NotificationItem {...item} headingId={section ? id : undefined} />
    </>
  );
}
