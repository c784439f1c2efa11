import { type KeyboardEvent, type MouseEvent, memo, useId, useState } from "react";
import { type Notification, safeUrl } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import { leadsAway } from "./leads-away";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";
import { exactTime, relativeTime } from "./relative-time";

export interface NotificationItemProps {
  readonly item: Notification;
  readonly now: number;
  /** Position in the list from 1, and its length (-1 while there may be more), for assistive technology. */
  readonly position: number;
  readonly size: number;
  /** Whether Tab stops here: one item of the list only, the arrow keys reach the others. */
  readonly tabStop: boolean;
  /** Opens the item's menu beside the button. */
  readonly onMenu: (item: Notification, button: HTMLElement) => void;
  /** A link was followed, and leads away from here. */
  readonly onFollowed: (() => void) | undefined;
}

/**
 * One row: who, what, when; unread and priority told by shape and words as well as by colour. A press on the title, or Enter
 * on the row, follows its link; without one it opens the row in place, with the whole of the text.
 */
export const NotificationItem = memo(function NotificationItem(props: NotificationItemProps) {
  const { item, now, position, size, tabStop, onMenu, onFollowed } = props;
  const { inbox, words, onOpen } = useSurroundings();
  const id = useId();
  const unread = item.readAt === null;
  const tabIndex = tabStop ? 0 : -1;
  const link = safeUrl(item.url);
  const [whole, setWhole] = useState(false);

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    void inbox.markRead(item.id);
    onOpen?.(item, event);
    if (leadsAway(event)) onFollowed?.();
  }

  function toggle() {
    void inbox.markRead(item.id);
    setWhole(!whole);
  }

  function enter(event: KeyboardEvent<HTMLElement>) {
    if (event.key !== "Enter" || event.target !== event.currentTarget) return;
    event.preventDefault();
    event.currentTarget.querySelector<HTMLElement>(".td-title > a, .td-open")?.click();
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
      data-whole={whole || undefined}
      onKeyDown={enter}
      tabIndex={tabIndex}
      aria-posinset={position}
      aria-setsize={size}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-about`}
    >
      <Picture item={item} />
      {!link && (
        <button
          type="button"
          className="td-open"
          data-testid="open-item"
          tabIndex={tabIndex}
          aria-expanded={whole}
          aria-labelledby={`${id}-title`}
          onClick={toggle}
        />
      )}
      <div className="td-item-text">
        <p className="td-title" id={`${id}-title`} data-testid="notification-title">
          {link ? (
            <a href={link} dir="auto" tabIndex={tabIndex} onClick={follow}>
              {item.title}
            </a>
          ) : (
            <bdi>{item.title}</bdi>
          )}
        </p>
        <p className="td-body" id={`${id}-about`}>
          {unread && <span className="td-hidden">{words.unread} </span>}
          <time dateTime={new Date(item.updatedAt).toISOString()} title={exactTime(item.updatedAt, words)}>
            {relativeTime(item.updatedAt, now, words)}
          </time>
          {unread && <PriorityMark item={item} />}
          <span dir="auto">{item.body}</span>
        </p>
        <Actions item={item} tabIndex={tabIndex} onFollowed={onFollowed} />
        <Snoozed item={item} now={now} />
        {item.pending && <p className="td-pending">{words.sending}</p>}
      </div>
      <RowButtons item={item} tabIndex={tabIndex} onMenu={onMenu} />
    </article>
  );
});

/** When it comes back. */
function Snoozed({ item: { snoozedUntil }, now }: Pick<NotificationItemProps, "item" | "now">) {
  const { words } = useSurroundings();
  if (snoozedUntil === null || snoozedUntil <= now) return null;
  return (
    <p className="td-snoozed" data-testid="snoozed-until">
      <Icon name="clock" />
      {words.snoozedUntil(exactTime(snoozedUntil, words))}
    </p>
  );
}

interface RowButtonsProps extends Pick<NotificationItemProps, "item" | "onMenu"> {
  readonly tabIndex: number;
}

/** The row's menu, and its dot, which marks it as read. */
function RowButtons({ item, tabIndex, onMenu }: RowButtonsProps) {
  const { inbox, words } = useSurroundings();
  const unread = item.readAt === null;

  function read(event: MouseEvent<HTMLElement>) {
    // The button goes; the row keeps the focus.
    event.currentTarget.closest<HTMLElement>("article")?.focus({ preventScroll: true });
    void inbox.markRead(item.id);
  }

  return (
    <div className="td-side">
      <button
        type="button"
        className="td-row-button"
        data-testid="item-menu"
        title={words.more}
        aria-label={words.itemMenu(item.title)}
        aria-haspopup="menu"
        tabIndex={tabIndex}
        onClick={event => onMenu(item, event.currentTarget)}
      >
        <Icon name="more" />
      </button>
      {unread && (
        <button
          type="button"
          className="td-row-button td-dot"
          data-testid="mark-read"
          title={words.markRead}
          aria-label={words.markItemRead(item.title)}
          tabIndex={tabIndex}
          onClick={read}
        >
          <Icon name="check" />
        </button>
      )}
    </div>
  );
}
