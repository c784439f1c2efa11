import { hasOpenQuestion } from "./arrange";
import { type Countdown, createCountdown } from "./countdown";
import type { Notification } from "./model";
import { enqueue, refresh, type Toast, visibleToasts } from "./toasts";

export interface Toaster {
  readonly queue: readonly Toast[];
  add(news: readonly Notification[], now: number): void;
  refresh(held: ReadonlyMap<string, Notification>, now: number): void;
  dismiss(ids: readonly string[]): void;
  /** Stops the time while somebody points at a toast or nobody looks at the page. Each reason counts by itself. */
  pause(reason: string, paused: boolean): void;
  /** How long a toast of high priority stays, in milliseconds; one that asks something stays twice as long. */
  pace(stay: number): void;
  clear(): void;
  close(): void;
}

const usualStay = 5000; // ms on screen for a toast of high priority

/** The queue with its timers: the time of each toast runs while it is on screen and not paused. */
export function createToaster(changed: () => void): Toaster {
  let queue: readonly Toast[] = [];
  let stay = usualStay;
  const reasons = new Set<string>(); // to pause
  const countdowns = new Map<string, Countdown & { readonly revision: number }>();

  function set(next: readonly Toast[]) {
    if (next === queue) return;
    queue = next;
    const leaving = queue.slice(0, visibleToasts).filter(({ stays }) => !stays);
    for (const [id, countdown] of countdowns) {
      // News in a shown toast are read from the start.
      if (leaving.some(({ item }) => item.id === id && item.revision === countdown.revision)) continue;
      countdown.stop();
      countdowns.delete(id);
    }
    for (const { id, item } of leaving) {
      if (countdowns.has(id)) continue;
      const time = hasOpenQuestion(item) ? 2 * stay : stay;
      countdowns.set(id, { revision: item.revision, ...createCountdown(time, () => dismiss([id])) });
    }
    run();
    changed();
  }

  function run() {
    for (const countdown of countdowns.values()) {
      if (reasons.size === 0) countdown.start();
      else countdown.stop();
    }
  }

  function dismiss(ids: readonly string[]) {
    const closed = new Set(ids);
    const left = queue.filter(({ id }) => !closed.has(id));
    set(left.length < queue.length ? left : queue);
  }

  return {
    get queue() {
      return queue;
    },
    add: (news, now) => set(enqueue(queue, news, now)),
    refresh: (held, now) => set(refresh(queue, held, now)),
    dismiss,
    pause(reason, paused) {
      if (paused) reasons.add(reason);
      else reasons.delete(reason);
      run();
    },
    pace(next) {
      stay = next;
    },
    clear: () => set(queue.length > 0 ? [] : queue),
    close() {
      for (const countdown of countdowns.values()) countdown.stop();
      countdowns.clear();
      queue = [];
    },
  };
}
