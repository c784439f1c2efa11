import { type PointerEvent, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { needsAnswer, type Toast, visibleToasts } from "../core";
import { useSurroundings } from "./context";
import { useGuard } from "./guard";
import { useNotifications } from "./hooks";
import { ToastCard } from "./toast-card";
import { useTopLayer } from "./use-top-layer";

/**
 * The toasts on screen. Which ones, how many and for how long is the core's decision; here they are drawn and dealt with.
 * They lie above everything, and their time stops where something modal covers them all the same. There are none while the
 * list is on screen. F6 leads to them, Escape closes the focused one and gives the focus back, pointing at them stops their
 * time.
 *
 * Not a toast library: the policy lives in the core, so one would bring a second queue (sonner 9 kB, base-ui 12 kB), and
 * in sonner Escape does nothing.
 */
export function Toasts() {
  const { inbox, dialogs, lists } = useSurroundings();
  const { toastQueue } = useNotifications();
  const asked = useSyncExternalStore(dialogs.subscribe, dialogs.getSnapshot, dialogs.getSnapshot) > 0;
  const listed = useSyncExternalStore(lists.subscribe, lists.getSnapshot, lists.getSnapshot) > 0;
  // A region that has gone holds nothing any more.
  useEffect(() => () => reasons.forEach(reason => void inbox.holdToasts(false, reason)), [inbox]);
  const queue = asked ? toastQueue.filter(({ item }) => !needsAnswer(item)) : toastQueue;
  return queue.length > 0 && !listed ? <Region queue={queue} /> : null;
}

const reasons = ["held", "focused", "covered"] as const;

function Region({ queue }: { readonly queue: readonly Toast[] }) {
  const { inbox, words } = useSurroundings();
  const region = useRef<HTMLElement>(null);
  const before = useRef<HTMLElement | null>(null);
  const [all, setAll] = useState(false);
  const shown = all ? queue : queue.slice(0, visibleToasts);
  const guard = useGuard();
  const ids = shown.map(({ id }) => id).join(" ");
  useTopLayer(region, covered => inbox.holdToasts(covered, "covered"));

  useEffect(() => () => reasons.forEach(reason => void inbox.holdToasts(false, reason)), [inbox]);

  // A card that comes, or goes, may have moved another one under the pointer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the cards are others.
  useLayoutEffect(() => guard.arm(), [ids]);

  useEffect(() => {
    const jump = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "F6" || region.current?.contains(document.activeElement)) return;
      event.preventDefault();
      before.current = document.activeElement as HTMLElement | null;
      region.current?.querySelector("article")?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, []);

  function dismiss(toast: Toast, byKey: boolean) {
    const articles = [...(region.current?.querySelectorAll<HTMLElement>("article") ?? [])];
    const at = articles.findIndex(article => article.contains(document.activeElement));
    if (at >= 0) (byKey ? (articles[at + 1] ?? articles[at - 1] ?? before.current) : before.current)?.focus();
    inbox.dismissToast(toast.id);
  }

  // A finger does not hover: it would hold them for good.
  const point = (held: boolean) => (event: PointerEvent) =>
    event.pointerType !== "touch" && inbox.holdToasts(held, "held");

  return (
    <section
      ref={region}
      popover="manual"
      className="td-toasts"
      aria-label={words.toasts}
      lang={words.locale}
      data-testid="toasts"
      {...guard.pointerHandlers}
      onPointerEnter={point(true)}
      onPointerLeave={point(false)}
      onFocus={event => event.target.matches(":focus-visible") && inbox.holdToasts(true, "focused")}
      onBlur={event => event.currentTarget.contains(event.relatedTarget) || inbox.holdToasts(false, "focused")}
    >
      {shown.map(toast => (
        <ToastCard key={toast.id} toast={toast} onDismiss={byKey => dismiss(toast, byKey)} />
      ))}
      {queue.length > 1 && (
        <p className="td-waiting">
          {queue.length > shown.length && (
            <button
              type="button"
              className="td-text-button"
              data-testid="toasts-waiting"
              aria-expanded={false}
              onClick={() => setAll(true)}
            >
              {words.waiting(queue.length - shown.length)}
            </button>
          )}
          <button
            type="button"
            className="td-text-button"
            data-testid="toasts-close-all"
            onClick={() => inbox.dismissToasts()}
          >
            {words.closeAll}
          </button>
        </p>
      )}
    </section>
  );
}
