/** A database of one person's items in memory, which answers bounded listeners as Firestore does: when the test says so. */
import type { Database } from "../core/database";
import { type Mark, type MarkOf, serverTime } from "../core/marks";
import type { Notification } from "../core/model";
import type { Cursor, ListName, Page, PageObserver } from "../core/page";

interface Listener {
  readonly list: ListName;
  readonly after: Cursor | null;
  readonly observer: PageObserver;
  told: string;
}

const orders: Readonly<Record<ListName, (a: Notification, b: Notification) => number>> = {
  recent: (a, b) => b.updatedAt - a.updatedAt || byId(b, a),
  unread: (a, b) => b.rank - a.rank || b.updatedAt - a.updatedAt || byId(b, a),
  archive: (a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || byId(b, a),
  snoozed: (a, b) => (a.snoozedUntil ?? 0) - (b.snoozedUntil ?? 0) || byId(a, b),
};

function byId(a: Notification, b: Notification) {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function belongs(item: Notification, list: ListName): boolean {
  if (list === "archive") return item.archivedAt !== null;
  if (list === "snoozed") return item.snoozedUntil !== null;
  return item.archivedAt === null && (list === "recent" || item.readAt === null);
}

export function createShelf(pageSize: number) {
  const items = new Map<string, Notification>();
  const listeners = new Set<Listener>();
  let reads = 0;

  function page(list: ListName, after: Cursor | null): Page {
    const order = orders[list];
    const start = after?.last as Notification | undefined;
    const found = [...items.values()].filter(item => belongs(item, list)).sort(order);
    const shown = found.filter(item => !start || order(start, item) < 0).slice(0, pageSize);
    const last = shown.at(-1);
    const full = shown.length === pageSize && last;
    return { items: shown, fromCache: false, next: full ? { key: `${last.id} ${last.updatedAt}`, last } : null };
  }

  /** Tells every listener that has something new to say, once. Answers whether there was any. */
  function tell(only: (listener: Listener) => boolean = () => true): boolean {
    const due = [...listeners].filter(only).filter(listener => {
      const told = JSON.stringify(page(listener.list, listener.after).items);
      if (told === listener.told) return false;
      listener.told = told;
      return true;
    });
    for (const { observer, list, after } of due) observer.page(page(list, after));
    return due.length > 0;
  }

  function write({ id, mark }: MarkOf) {
    const item = items.get(id);
    if (item) items.set(id, { ...item, ...valuesOf(mark) });
    return Promise.resolve("stored" as const);
  }

  const database: Database = {
    pages: list => async () => (after, observer) => {
      const listener: Listener = { list, after, observer, told: "" };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async readPage(list, after) {
      const answer = page(list, after);
      reads += answer.items.length;
      return answer;
    },
    write,
    writeAll: marks => Promise.all(marks.map(write)),
    wake: async () => true,
    hasEnded: async () => false,
    replace: async () => {},
    offset: async () => 0,
    forget: async () => {},
  };
  return {
    database,
    items,
    tell,
    /** How many items `readPage` has brought. */
    reads: () => reads,
    listening: () => [...listeners].map(({ list, after }) => `${list} ${after?.key ?? "from the start"}`),
    put(...given: readonly Notification[]) {
      for (const item of given) items.set(item.id, item);
    },
  };
}

function valuesOf(mark: Mark): Partial<Notification> {
  const { revision: _, ...fields } = mark;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value === serverTime ? 1 : value]));
}
