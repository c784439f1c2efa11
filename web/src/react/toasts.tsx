import { type KeyboardEvent, useEffect, useRef, useSyncExternalStore } from "react";
import { needsAnswer, safeUrl, type Toast, visibleToasts } from "../core";
import { Actions } from "./actions";
import { useSurroundings } from "./context";
import { useNotifications } from "./hooks";
import { Icon } from "./icons";
import { Picture } from "./picture";
import { PriorityMark } from "./priority";

/**
 * The toasts on screen. Which ones, how many and for how long is the core's decision; here they are drawn and dealt with.
 * F6 leads to them, Escape closes the focused one and gives the focus back, pointing at them stops their time.
 *
 * Not a toast library: the policy lives in the core, so one would bring a second queue (sonner 9 kB, base-ui 12 kB), and
 * in sonner Escape does nothing.
 */
export function Toasts() {
  const { inbox, words, dialogs } = useSurroundings();
  const { toastQueue } = useNotifications();
  const asked = useSyncExternalStore(dialogs.subscribe, dialogs.getSnapshot, dialogs.getSnapshot) > 0;
  const region = useRef<HTMLElement>(null);
  const before = useRef<HTMLElement | null>(null);
  const queue = asked ? toastQueue.filter(({ item }) => !needsAnswer(item)) : toastQueue;
  const shown = queue.slice(0, visibleToasts);
  const any = shown.length > 0;

  useEffect(() => {
    if (!any) return;
    const jump = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "F6" || region.current?.contains(document.activeElement)) return;
      event.preventDefault();
      before.current = document.activeElement as HTMLElement | null;
      region.current?.querySelector("article")?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => {
      document.removeEventListener("keydown", jump);
      inbox.holdToasts(false);
    };
  }, [any, inbox]);

  function dismiss(toast: Toast) {
    const articles = [...(region.current?.querySelectorAll<HTMLElement>("article") ?? [])];
    const at = articles.findIndex(article => article.contains(document.activeElement));
    if (at >= 0) (articles[at + 1] ?? articles[at - 1] ?? before.current)?.focus();
    inbox.dismissToast(toast.id);
  }

  if (!any) return null;
  return (
    <section
      ref={region}
      className="td-toasts"
      aria-label={words.toasts}
      lang={words.locale}
      data-testid="toasts"
      onPointerEnter={() => inbox.holdToasts(true)}
      onPointerLeave={() => inbox.holdToasts(false)}
      onFocus={() => inbox.holdToasts(true)}
      onBlur={event => event.currentTarget.contains(event.relatedTarget) || inbox.holdToasts(false)}
    >
      {shown.map(toast => (
        <ToastCard key={toast.id} toast={toast} onDismiss={() => dismiss(toast)} />
      ))}
      {queue.length > shown.length && (
        <p className="td-waiting" data-testid="toasts-waiting">
          {words.waiting(queue.length - shown.length)}
        </p>
      )}
    </section>
  );
}

interface ToastCardProps {
  readonly toast: Toast;
  readonly onDismiss: () => void;
}

function ToastCard({ toast: { item }, onDismiss }: ToastCardProps) {
  const { inbox, words, onOpen } = useSurroundings();
  const link = safeUrl(item.url);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onDismiss();
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
          {link ? (
            <a
              href={link}
              dir="auto"
              onClick={event => {
                void inbox.markRead(item.id);
                onOpen?.(item, event);
              }}
            >
              {item.title}
            </a>
          ) : (
            <bdi>{item.title}</bdi>
          )}
        </p>
        <p className="td-body">
          <PriorityMark item={item} />
          <span dir="auto">{item.body}</span>
        </p>
        <Actions item={item} />
      </div>
      <button
        type="button"
        className="td-row-button"
        data-testid="dismiss"
        aria-label={`${words.dismiss}: ${item.title}`}
        title={words.dismiss}
        onClick={onDismiss}
      >
        <Icon name="close" />
      </button>
    </article>
  );
}
