import type { Notification } from "./model";
import { enqueue, refresh, type Toast, visibleToasts } from "./toasts";

export interface Toaster {
  readonly queue: readonly Toast[];
  add(news: readonly Notification[], now: number): void;
  refresh(held: ReadonlyMap<string, Notification>, now: number): void;
  dismiss(id: string): void;
  /** Stops the time while somebody points at a toast or nobody looks at the page. Each reason counts by itself. */
  pause(reason: string, paused: boolean): void;
  /** How long a toast of high priority stays, in milliseconds; one that asks something stays twice as long. */
  pace(stay: number): void;
  clear(): void;
  close(): void;
}

const usualStay = 5000; // ms on screen for a toast of high priority

/** The queue with its timers: each toast's time runs while it is on screen and not paused. `tell` hears of every change. */
export function createToaster(tell: () => void): Toaster {
  let queue: readonly Toast[] = [];
  let stay = usualStay;
  const paused = new Set<string>();
  const timers = new Map<
    string,
    { toast: Toast; left: number; since: number; timer: ReturnType<typeof setTimeout> | null }
  >();

  function set(next: readonly Toast[]) {
    if (next === queue) return;
    queue = next;
    schedule();
    tell();
  }

  function schedule() {
    const due = new Map(queue.slice(0, visibleToasts).flatMap(toast => (toast.stays ? [] : [[toast.id, toast]])));
    for (const [id, running] of timers) {
      if (due.has(id)) continue;
      if (running.timer) clearTimeout(running.timer);
      timers.delete(id);
    }
    for (const [id, toast] of due) {
      const running = timers.get(id);
      // News in a shown toast is read from the start.
      const fresh = running?.toast.item.revision !== toast.item.revision;
      if (fresh && running?.timer) clearTimeout(running.timer);
      const asks = toast.item.actions.length > 0 && toast.item.doneAction === null;
      const left = fresh || !running ? (asks ? 2 * stay : stay) : running.left;
      const entry = { toast, left, since: running?.since ?? 0, timer: fresh ? null : (running?.timer ?? null) };
      timers.set(id, entry);
      if (paused.size === 0 && entry.timer === null) start(id);
    }
  }

  function start(id: string) {
    const entry = timers.get(id);
    if (!entry) return;
    entry.since = performance.now();
    entry.timer = setTimeout(() => dismiss(id), entry.left);
  }

  function dismiss(id: string) {
    set(queue.some(toast => toast.id === id) ? queue.filter(toast => toast.id !== id) : queue);
  }

  return {
    get queue() {
      return queue;
    },
    add: (news, now) => set(enqueue(queue, news, now)),
    refresh: (held, now) => set(refresh(queue, held, now)),
    dismiss,
    pause(reason, on) {
      const was = paused.size > 0;
      if (on) paused.add(reason);
      else paused.delete(reason);
      const is = paused.size > 0;
      if (is === was) return;
      for (const [id, entry] of timers) {
        if (!is) start(id);
        else if (entry.timer) {
          clearTimeout(entry.timer);
          entry.timer = null;
          entry.left = Math.max(1000, entry.left - (performance.now() - entry.since));
        }
      }
    },
    pace(next) {
      stay = next;
    },
    clear: () => set(queue.length > 0 ? [] : queue),
    close() {
      for (const { timer } of timers.values()) if (timer) clearTimeout(timer);
      timers.clear();
      queue = [];
    },
  };
}
