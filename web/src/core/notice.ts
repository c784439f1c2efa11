/** The notice about what the person did themselves, one at a time: what was done and can be undone, and what did not work. */
import { type Countdown, createCountdown } from "./countdown";
import type { Refusal } from "./marks";

/** Why a mark did not get as far as the server's decision. */
export type Failure =
  /** The server cannot be reached. */
  | "unreachable"
  /** The server takes no more: the project's quota is used up. */
  | "quota"
  /** A part of this package could not be loaded; a new page helps. */
  | "not-loaded"
  /** Anything else. */
  | "failed";

export interface Notice {
  /** Differs for each notice, and stays while its count grows. */
  readonly key: number;
  /**
   * read … unmuted: that was done. undone: it was taken back. waiting: the server has not answered for ten seconds. full: the
   * person has muted as much as they may. A {@link Refusal} or a {@link Failure}: the item is as it was, and this is why.
   */
  readonly kind:
    | "read"
    | "unread"
    | "archived"
    | "unarchived"
    | "snoozed"
    | "woken"
    | "muted"
    | "unmuted"
    | "full"
    | "undone"
    | "waiting"
    | Refusal
    | Failure;
  /** How many items. */
  readonly count: number;
  /** The item's title, where it is about one. */
  readonly title: string;
  /** Whether more is on its way: a long list takes a while. Such a notice stays. */
  readonly busy: boolean;
  /** Whether `undo` takes it back. */
  readonly undoable: boolean;
}

export interface Notices {
  readonly current: Notice | null;
  /** Shows a notice in the place of any other one. Returns its key. */
  show(notice: Omit<Notice, "key" | "undoable">, undo?: () => void): number;
  /** Changes the notice of that key, if it still stands. */
  change(key: number, change: Partial<Pick<Notice, "count" | "busy">>): void;
  /** Takes back what the notice is about. */
  undo(): void;
  /** Takes the notice of that key away, if it still stands; any one unless a key is given. */
  dismiss(key?: number): void;
  /** Stops the time while somebody deals with the notice, or nobody looks at the page. Each reason counts by itself. */
  pause(reason: string, paused: boolean): void;
  close(): void;
}

const stay = 10_000; // ms; long enough to reach the button by keyboard, which then stops the time

export function createNotices(changed: () => void): Notices {
  let current: Notice | null = null;
  let undo: (() => void) | undefined;
  let keys = 0;
  let countdown: Countdown | null = null;
  const reasons = new Set<string>(); // to pause

  function set(next: Notice | null) {
    current = next;
    countdown?.stop();
    countdown = next && !next.busy ? createCountdown(stay, () => set(null)) : null;
    run();
    changed();
  }

  function run() {
    if (reasons.size === 0) countdown?.start();
    else countdown?.stop();
  }

  return {
    get current() {
      return current;
    },
    show(notice, takeBack) {
      undo = takeBack;
      set({ ...notice, key: ++keys, undoable: takeBack !== undefined });
      return keys;
    },
    change(key, change) {
      if (current?.key === key) set({ ...current, ...change });
    },
    undo() {
      if (!current?.undoable) return;
      const takeBack = undo;
      undo = undefined;
      set(null);
      takeBack?.();
    },
    dismiss(key = current?.key) {
      if (current && current.key === key) set(null);
    },
    pause(reason, paused) {
      if (paused) reasons.add(reason);
      else reasons.delete(reason);
      run();
    },
    close: () => countdown?.stop(),
  };
}
