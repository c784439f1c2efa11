/** The notice about what the person did themselves, one at a time: what was done and can be undone, and what did not work. */

export interface Notice {
  /** Differs for each notice, and stays while its count grows. */
  readonly key: number;
  /**
   * read … woken: that was done. moved-on: something new has happened to the item, so the mark was refused and the item is
   * as it was. failed: it could not be written. undone: it was taken back.
   */
  readonly kind: "read" | "unread" | "archived" | "unarchived" | "snoozed" | "woken" | "moved-on" | "failed" | "undone";
  /** How many items. */
  readonly count: number;
  /** The item's title, where it is about one. */
  readonly title: string;
  /** Whether more is on its way: a long list takes a while. */
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
  dismiss(): void;
  close(): void;
}

const stay = 10_000; // ms; long enough to reach the button by keyboard

export function createNotices(changed: () => void): Notices {
  let current: Notice | null = null;
  let undo: (() => void) | undefined;
  let keys = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(next: Notice | null) {
    current = next;
    clearTimeout(timer);
    if (next && !next.busy) timer = setTimeout(() => set(null), stay);
    changed();
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
    dismiss: () => current && set(null),
    close: () => clearTimeout(timer),
  };
}
