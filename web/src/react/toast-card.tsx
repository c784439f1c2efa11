import type { KeyboardEvent } from "react";
import type { Toast } from "../core";
import { Actions } from "./actions";
import { IconButton } from "./buttons";
import { useSurroundings } from "./context";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";
import { TitleLink } from "./title-link";

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
        <p className="td-title" data-testid="toast-title">
          <TitleLink item={item} onFollowed={() => onDismiss(false)} />
        </p>
        <p className="td-body">
          <PriorityMark item={item} /> <span dir="auto">{item.body}</span>
        </p>
        <Actions item={item} />
      </div>
      <IconButton
        icon="close"
        testId="dismiss"
        aria-label={words.about(words.dismiss, item.title)}
        title={words.dismiss}
        onClick={event => onDismiss(event.detail === 0)}
      />
    </article>
  );
}
