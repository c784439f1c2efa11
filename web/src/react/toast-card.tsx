import type { KeyboardEvent, MouseEvent } from "react";
import { type Notification, safeUrl, type Toast } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { Icon } from "./icons";
import { leadsAway } from "./leads-away";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";

interface ToastCardProps {
  readonly toast: Toast;
  readonly onDismiss: (byKey: boolean) => void;
}

/** One toast: who, what, the item's actions, and the way to close it. */
export function ToastCard({ toast: { item }, onDismiss }: ToastCardProps) {
  const { words } = useSurroundings();
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onDismiss(true);
  };
  return (
    <article
      className="td-toast"
      data-testid="toast"
      data-id={item.id}
      data-priority={item.priority}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: F6 leads here, and Escape closes it.
      tabIndex={0}
      aria-label={item.title}
      onKeyDown={closeOnEscape}
    >
      <Picture item={item} />
      <div className="td-item-text">
        <Title item={item} onFollowed={() => onDismiss(false)} />
        <p className="td-body">
          <PriorityMark item={item} /> <span dir="auto">{item.body}</span>
        </p>
        <Actions item={item} />
      </div>
      <button
        type="button"
        className="td-row-button"
        data-testid="dismiss"
        aria-label={words.about(words.dismiss, item.title)}
        title={words.dismiss}
        onClick={event => onDismiss(event.detail === 0)}
      >
        <Icon name="close" />
      </button>
    </article>
  );
}

function Title({ item, onFollowed }: { readonly item: Notification; readonly onFollowed: () => void }) {
  const { inbox, onOpen } = useSurroundings();
  const link = safeUrl(item.url);

  function follow(event: MouseEvent<HTMLAnchorElement>) {
    void inbox.markOpened(item.id);
    onOpen?.(item, event);
    if (leadsAway(event)) onFollowed();
  }

  return (
    <p className="td-title" data-testid="toast-title">
      {link ? (
        <a href={link} dir="auto" onClick={follow}>
          {item.title}
        </a>
      ) : (
        <bdi>{item.title}</bdi>
      )}
    </p>
  );
}
