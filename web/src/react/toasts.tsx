import { type RefObject, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { needsAnswer, type Toast, visibleToasts } from "../core";
import { TextButton } from "./buttons";
import { useSurroundings } from "./context";
import { useGuard } from "./guard";
import { useNotifications } from "./hooks";
import { ToastCard } from "./toast-card";
import { useHolding } from "./use-holding";
import { useTopLayer } from "./use-top-layer";

export interface ToastsProps {
  /** The corner, in the direction of the page's language; "bottom-end" unless given. A narrow screen has them at its upper edge. */
  readonly place?: "bottom-end" | "bottom-start" | "top-end" | "top-start";
  /** How long one of high priority stays, in milliseconds, 5,000 unless given; one that asks something, twice as long. */
  readonly time?: number;
}

/**
 * The toasts on screen. Which ones, how many and for how long is the core's decision; here they are drawn and dealt with.
 * They lie above everything, and their time stops where something modal covers them all the same. There are none while the
 * list is on screen. F6 leads to them, Escape closes the focused one and gives the focus back, pointing at them stops their
 * time.
 *
 * Not a toast library: the policy lives in the core, so one would bring a second queue (sonner 9 kB, base-ui 12 kB), and
 * in sonner Escape does nothing.
 */
export function Toasts({ place = "bottom-end", time = 5000 }: ToastsProps = {}) {
  const { inbox, dialogs, lists } = useSurroundings();
  const { toastQueue } = useNotifications();
  const asked = useSyncExternalStore(dialogs.subscribe, dialogs.getSnapshot, dialogs.getSnapshot) > 0;
  const listed = useSyncExternalStore(lists.subscribe, lists.getSnapshot, lists.getSnapshot) > 0;
  useEffect(() => inbox.paceToasts(time), [inbox, time]);
  const queue = asked ? toastQueue.filter(({ item }) => !needsAnswer(item)) : toastQueue;
  return queue.length > 0 && !listed ? <Region queue={queue} place={place} /> : null;
}

interface RegionProps {
  readonly queue: readonly Toast[];
  readonly place: NonNullable<ToastsProps["place"]>;
}

function Region({ queue, place }: RegionProps) {
  const { inbox, words } = useSurroundings();
  const region = useRef<HTMLElement>(null);
  const [all, setAll] = useState(false);
  const shown = all ? queue : queue.slice(0, visibleToasts);
  const guard = useGuard();
  const ids = shown.map(({ id }) => id).join(" ");
  const leave = useToastFocus(region);
  const holding = useHolding(inbox.holdToasts);
  useTopLayer(region, covered => inbox.holdToasts(covered, "covered"));

  // A card that comes, or goes, may have moved another one under the pointer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the cards are others.
  useLayoutEffect(() => guard.arm(), [ids]);

  function dismiss(toast: Toast, byKey: boolean) {
    leave(byKey);
    inbox.dismissToast(toast.id);
  }

  return (
    <section
      ref={region}
      popover="manual"
      className="td-toasts"
      aria-label={words.toasts}
      lang={words.locale}
      data-testid="toasts"
      data-place={place}
      {...guard.pointerHandlers}
      {...holding}
    >
      {shown.map(toast => (
        <ToastCard key={toast.id} toast={toast} onDismiss={byKey => dismiss(toast, byKey)} />
      ))}
      {queue.length > 1 && <Waiting count={queue.length - shown.length} onAll={() => setAll(true)} />}
    </section>
  );
}

/** How many more there are, and the way to close them all. */
function Waiting({ count, onAll }: { readonly count: number; readonly onAll: () => void }) {
  const { inbox, words } = useSurroundings();
  return (
    <p className="td-waiting">
      {count > 0 && (
        <TextButton testId="toasts-waiting" aria-expanded={false} onClick={onAll}>
          {words.waiting(count)}
        </TextButton>
      )}
      <TextButton testId="toasts-close-all" onClick={() => inbox.dismissToasts()}>
        {words.closeAll}
      </TextButton>
    </p>
  );
}

/** F6 leads to the toasts. Answers what moves the focus on when the one that has it is closed: by key to the next one. */
function useToastFocus(region: RefObject<HTMLElement | null>): (byKey: boolean) => void {
  const before = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const jump = (event: globalThis.KeyboardEvent) => {
      if (event.key !== "F6" || region.current?.contains(document.activeElement)) return;
      event.preventDefault();
      before.current = document.activeElement as HTMLElement | null;
      region.current?.querySelector("article")?.focus();
    };
    document.addEventListener("keydown", jump);
    return () => document.removeEventListener("keydown", jump);
  }, [region]);
  return byKey => {
    const articles = [...(region.current?.querySelectorAll<HTMLElement>("article") ?? [])];
    const at = articles.findIndex(article => article.contains(document.activeElement));
    if (at >= 0) (byKey ? (articles[at + 1] ?? articles[at - 1] ?? before.current) : before.current)?.focus();
  };
}
