import { type MouseEvent, memo, useId } from "react";
import { type Notification, safeUrl } from "../core";
import { Avatar } from "./avatar";
import { useSurroundings } from "./context";
import { Icon, iconFor } from "./icons";
import { exactTime, relativeTime } from "./relative-time";
import type { Words } from "./words";

export interface NotificationItemProps {
  readonly item: Notification;
  readonly now: number;
  /** Position in the list from 1, and its length, for assistive technology. */
  readonly position: number;
  readonly size: number;
  /** Whether Tab stops here: one item of the list only, the arrow keys reach the others. */
  readonly tabStop: boolean;
}

/** One row: who, what, when; unread and priority told by shape and words as well as by colour. */
export const NotificationItem = memo(function NotificationItem(props: NotificationItemProps) {
  const { item, now, position, size, tabStop } = props;
  const { inbox, words, onOpen } = useSurroundings();
  const id = useId();
  const unread = item.readAt === null;
  const loud = item.priority === "urgent" || item.priority === "high";
  const short = item.body === "" && !loud;
  const link = safeUrl(item.url);

  function open(event: MouseEvent<HTMLAnchorElement>) {
    void inbox.markRead(item.id);
    onOpen?.(item, event);
  }

  return (
    <article
      className="td-item"
      data-testid="notification"
      data-id={item.id}
      data-type={item.type}
      data-target={item.target ? `${item.target.type}/${item.target.id}` : undefined}
      data-priority={item.priority}
      data-unread={unread || undefined}
      data-short={short || undefined}
      tabIndex={tabStop ? 0 : -1}
      aria-posinset={position}
      aria-setsize={size}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-about`}
    >
      <Picture item={item} />
      <div className="td-item-text">
        <div className="td-line">
          <p className="td-title" id={`${id}-title`} dir="auto" data-testid="notification-title">
            {link ? (
              <a href={link} tabIndex={tabStop ? 0 : -1} onClick={open}>
                {item.title}
              </a>
            ) : (
              item.title
            )}
          </p>
          <time dateTime={new Date(item.updatedAt).toISOString()} title={exactTime(item.updatedAt, words)}>
            {relativeTime(item.updatedAt, now, words)}
          </time>
        </div>
        <p className={short ? "td-hidden" : "td-body"} id={`${id}-about`}>
          {unread && <span className="td-hidden">{words.unread} </span>}
          <PriorityMark item={item} words={words} />
          <span dir="auto">{item.body}</span>
        </p>
      </div>
      {item.pending && <span className="td-pending">{words.sending}</span>}
      {unread && (
        <button
          type="button"
          className="td-dot"
          data-testid="mark-read"
          title={words.markRead}
          aria-label={words.markItemRead(item.title)}
          tabIndex={tabStop ? 0 : -1}
          onClick={() => void inbox.markRead(item.id)}
        >
          <Icon name="check" />
        </button>
      )}
    </article>
  );
});

/** The actors, stacked, with the type's icon on the corner; or only the icon where nobody in particular did it. */
function Picture({ item }: { readonly item: Notification }) {
  const icon = <Icon name={iconFor(item.icon, item.category)} />;
  const [first, second] = item.actors;
  if (!first) return <span className="td-picture td-sign">{icon}</span>;
  return (
    <span className="td-picture" data-stacked={second ? "" : undefined}>
      {second && <Avatar actor={second} />}
      <Avatar actor={first} />
      <span className="td-corner">{icon}</span>
    </span>
  );
}

function PriorityMark({ item, words }: { readonly item: Notification; readonly words: Words }) {
  if (item.priority !== "urgent" && item.priority !== "high") return null;
  return (
    <span className="td-priority">
      <span aria-hidden="true">{item.priority === "urgent" ? "!" : "↑"}</span>
      {words.priority[item.priority]}
    </span>
  );
}
