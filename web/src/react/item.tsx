import { type KeyboardEvent, memo, useCallback, useId, useState } from "react";
import { type Notification, safeUrl } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";
import { exactTime } from "./relative-time";
import { RowActions, type RowActionsProps } from "./row-actions";
import { TitleLink } from "./title-link";
import { When } from "./when";

export interface NotificationItemProps {
  readonly item: Notification;
  readonly now: number;
  /** Position in the list from 1, and its length (-1 while there may be more), for assistive technology. */
  readonly position: number;
  readonly size: number;
  /** Whether Tab stops here: one item of the list only, the arrow keys reach the others. */
  readonly tabStop: boolean;
  /** The id of the heading above it, where a section begins with it. */
  readonly headingId: string | undefined;
  readonly onMenu: RowActionsProps["onMenu"];
  /** A link was followed, and leads away from here. */
  readonly onFollowed: (() => void) | undefined;
}

/**
 * One row: who, what, when; unread and priority told by shape and words as well as by colour. A press on the title, or Enter
 * on the row, follows its link; without one it opens the row in place, with the whole of the text.
 */
export const NotificationItem = memo(function NotificationItem(props: NotificationItemProps) {
  const { item, now, position, size, tabStop, headingId, onMenu, onFollowed } = props;
  const { slots } = useSurroundings();
  const id = useId();
  const unread = item.readAt === null;
  const tabIndex = tabStop ? 0 : -1;
  const [whole, setWhole] = useState(false);
  const onToggle = useCallback(() => setWhole(whole => !whole), []);
  const content = <Content {...{ id, item, now, tabIndex, whole, onFollowed, onToggle }} />;
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
      {...(slots.row ? { "aria-label": item.title } : { "aria-labelledby": `${id}-title` })}
      aria-describedby={[headingId, !slots.row && `${id}-about`].filter(Boolean).join(" ") || undefined}
    >
      {slots.row ? <slots.row item={item}>{content}</slots.row> : content}
      <RowActions item={item} tabIndex={tabIndex} onMenu={onMenu} />
    </article>
  );
});

/** Enter on the row itself is a press on its title. */
function enter(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== "Enter" || event.target !== event.currentTarget) return;
  event.preventDefault();
  event.currentTarget.querySelector<HTMLElement>(".td-title > a, .td-open")?.click();
}

interface ContentProps extends Pick<NotificationItemProps, "item" | "now" | "onFollowed"> {
  /** The prefix of the ids. */
  readonly id: string;
  readonly tabIndex: number;
  /** Whether it is opened in place. */
  readonly whole: boolean;
  readonly onToggle: () => void;
}

/** Apart from its row, so that it is not drawn again when only the row's place has changed: news change that of all rows. */
const Content = memo(function Content({ id, item, now, tabIndex, whole, onFollowed, onToggle }: ContentProps) {
  const { inbox, words } = useSurroundings();
  const link = safeUrl(item.url);

  function toggle() {
    void inbox.markRead(item.id);
    onToggle();
  }

  return (
    <>
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
          <TitleLink item={item} tabIndex={tabIndex} onFollowed={onFollowed} />
        </p>
        <About id={`${id}-about`} item={item} now={now} />
        <Actions item={item} tabIndex={tabIndex} onFollowed={onFollowed} />
        <Snoozed item={item} now={now} />
        <Muted item={item} />
        {item.pending && <p className="td-pending">{words.sending}</p>}
      </div>
    </>
  );
});

/** The second line: when, how urgent while it is unread, and what else there is to say. */
function About({ id, item, now }: Pick<ContentProps, "id" | "item" | "now">) {
  const { words } = useSurroundings();
  const unread = item.readAt === null;
  return (
    <p className="td-body" id={id}>
      {unread && <span className="td-hidden">{words.unread} </span>}
      <When at={item.updatedAt} now={now} /> {unread && <PriorityMark item={item} />}{" "}
      <span dir="auto">{item.body}</span>
    </p>
  );
}

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

/** That it went to the archive by the person's own choice. */
function Muted({ item: { muted } }: Pick<NotificationItemProps, "item">) {
  const { words } = useSurroundings();
  if (muted !== "mute" && muted !== "preference") return null;
  return (
    <p className="td-snoozed" data-testid="muted">
      <Icon name="mute" />
      {words.muted[muted]}
    </p>
  );
}
