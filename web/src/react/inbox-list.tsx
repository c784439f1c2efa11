import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import type { InboxSnapshot } from "../core";
import { useSurroundings } from "./context";
import { useNotifications, useNow } from "./hooks";
import { Icon, type IconName } from "./icons";
import { NotificationItem } from "./item";
import type { Words } from "./words";

/**
 * The list with its heading: the items as a WAI-ARIA feed, or what there is to say instead of them. Marks as seen what
 * it shows, after the list has been still for a moment.
 */
export function InboxList() {
  const { inbox, words } = useSurroundings();
  const snapshot = useNotifications();
  const { notifications, connectionStatus, loaded, error } = snapshot;
  const list = useRef<HTMLDivElement>(null);
  useSeen(snapshot, list);
  const anyUnread = notifications.some(item => item.readAt === null);

  return (
    <div className="td-inbox" lang={words.locale} data-testid="inbox">
      <div className="td-head">
        <h2>{words.notifications}</h2>
        <button
          type="button"
          className="td-text-button"
          data-testid="mark-all-read"
          disabled={!anyUnread}
          onClick={() => void inbox.markAllRead()}
        >
          {words.markAllRead}
        </button>
      </div>
      {loaded && error === null && connectionStatus !== "connected" && (
        <p className="td-strip" role="status">
          {words.connection[connectionStatus]}
        </p>
      )}
      {error !== null && notifications.length > 0 && (
        <p className="td-strip" role="status">
          {words.failed.text} <RetryButton />
        </p>
      )}
      <div className="td-scroll" ref={list}>
        {notifications.length > 0 ? <Feed snapshot={snapshot} /> : <Instead snapshot={snapshot} words={words} />}
      </div>
    </div>
  );
}

function Feed({ snapshot }: { readonly snapshot: InboxSnapshot }) {
  const { words } = useSurroundings();
  const { notifications, loaded } = snapshot;
  const now = useNow();
  const [current, setCurrent] = useState<string | null>(null);
  const stop = notifications.some(item => item.id === current) ? current : (notifications[0]?.id ?? null);

  return (
    <div
      role="feed"
      aria-label={words.notifications}
      aria-busy={!loaded}
      onKeyDown={walk}
      onFocus={event => setCurrent(event.target.closest("article")?.dataset.id ?? null)}
    >
      {notifications.map((item, index) => (
        <NotificationItem
          key={item.id}
          item={item}
          now={now}
          position={index + 1}
          size={notifications.length}
          tabStop={item.id === stop}
        />
      ))}
    </div>
  );
}

/** The keys of the APG feed pattern (Page Up, Page Down), and the arrows that people try first. */
function walk(event: KeyboardEvent<HTMLElement>) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("article")];
  const at = items.findIndex(item => item.contains(document.activeElement));
  const to = { ArrowDown: at + 1, PageDown: at + 1, ArrowUp: at - 1, PageUp: at - 1, Home: 0, End: items.length - 1 };
  const next = items[to[event.key as keyof typeof to]];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** What the list says when it has no items: still loading, unreachable, or really nothing. */
function Instead({ snapshot, words }: { readonly snapshot: InboxSnapshot; readonly words: Words }) {
  if (snapshot.error !== null) {
    return (
      <Note icon="alert" title={words.failed.title} text={words.failed.text} testId="inbox-error">
        <RetryButton />
      </Note>
    );
  }
  if (snapshot.loaded) return <Note icon="bell" {...words.empty} testId="inbox-empty" />;
  if (snapshot.connectionStatus === "offline") {
    return <Note icon="alert" title={words.failed.title} text={words.connection.offline} testId="inbox-offline" />;
  }
  return (
    <div className="td-loading" role="status" data-testid="inbox-loading">
      <span className="td-hidden">{words.loading}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

interface NoteProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly testId: string;
  readonly children?: ReactNode;
}

function Note({ icon, title, text, testId, children }: NoteProps) {
  return (
    <div className="td-note" data-testid={testId}>
      <Icon name={icon} />
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </div>
  );
}

function RetryButton() {
  const { inbox, words } = useSurroundings();
  return (
    <button type="button" className="td-text-button" onClick={() => inbox.retry()}>
      {words.failed.retry}
    </button>
  );
}

const stillness = 1500; // ms; a busy group changes many times a second, and every mark is a billed write

/** Marks what is listed as seen, once the list has been still for a moment in a page that someone can see. */
function useSeen({ notifications }: InboxSnapshot, list: RefObject<HTMLElement | null>) {
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
