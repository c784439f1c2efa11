/**
 * One person's items in a fake Firestore: a server, the cache of one client, and the client's listeners. It does what the
 * SDK and the rules do with them, as far as an inbox can tell the difference:
 *
 * - A listener is a query with a limit over the cache, in which marks that are on their way count already. So an own mark
 *   shows at once, or where the shelf is slow when the test calls `keep`; and a page from which an item goes is filled up from
 *   the cache.
 * - What the server knows reaches the cache when the test calls `answer`. Until its first answer, and while it shows what
 *   the server has not confirmed, a page is `fromCache`.
 * - A mark is decided by the server when the test calls `settle`: it is refused if the item has moved on, and springs back.
 * - Without a network nothing of that happens: marks wait, and pages are read from the cache.
 * - A retracted item has no field `archivedAt`, so no query by that field finds it.
 */

import { itemsOf, saidNothing, type ToldObserver } from "../core/announcements/told";
import type { Database } from "../core/database";
import { type MarkOf, type MarkResult, serverTime } from "../core/marks";
import type { Notification } from "../core/model";
import type { AnnouncedObserver, Cursor, ListName, Page, PageObserver } from "../core/page";
import { Board } from "./board";
import { Drawer } from "./drawer";

type Items = ReadonlyMap<string, Notification>;

interface Listener {
  readonly list: ListName;
  readonly after: Cursor | null;
  readonly observer: PageObserver;
  /** The ids that the server has for it; null before its first answer. */
  confirmed: ReadonlySet<string> | null;
  /** What the observer was given last. */
  shown: string;
}

interface Write extends MarkOf {
  readonly decided: (result: MarkResult) => void;
}

export class Shelf {
  /** What everybody is told, and the person's marks on it. It is answered, settled and cut off together with the items. */
  readonly board = new Board();
  /** What is stored. */
  readonly items = new Map<string, Notification>();
  /** How many items `readPage` has brought. */
  reads = 0;
  readonly #pageSize: number;
  readonly #prompt: boolean;
  readonly #cache = new Map<string, Notification>();
  readonly #listeners = new Set<Listener>();
  readonly #slow: boolean;
  #coming: readonly (() => void)[] = []; // marks that the cache does not have yet
  #writes: readonly Write[] = [];
  #online = true;
  #now = 1; // the server's time, which grows with each mark

  /**
   * `prompt`: the server decides each mark at once, without a call of `settle`. `slow`: a mark shows when the test calls `keep`, or when
   * the server decides it.
   */
  constructor(pageSize: number, { prompt = false, slow = false } = {}) {
    this.#pageSize = pageSize;
    this.#prompt = prompt;
    this.#slow = slow;
  }

  /** The functions, or another device, write. */
  put(...given: readonly Notification[]) {
    for (const item of given) this.items.set(item.id, item);
  }

  setOnline(online: boolean) {
    this.#online = online;
    this.board.setOnline(online);
    if (!online) for (const listener of this.#listeners) listener.confirmed = null;
    this.#notify();
    if (this.#prompt) queueMicrotask(() => this.settle());
  }

  /** The server answers all listeners. Returns whether anything was new to them. */
  answer(): boolean {
    if (!this.#online) return false;
    const told = this.board.answer();
    for (const listener of this.#listeners) {
      const ids = this.#idsOf(this.items, listener);
      // The server also says what has left the query; and what the page shows beyond its answer is looked up.
      this.#fetch([...ids, ...(listener.confirmed ?? []), ...this.#idsOf(this.#local(), listener)]);
      listener.confirmed = new Set(ids);
    }
    return this.#notify() || told;
  }

  /** The cache takes in the mark that has waited longest, or all of them. */
  keep(all = false) {
    const due = all ? this.#coming : this.#coming.slice(0, 1);
    this.#coming = this.#coming.slice(due.length);
    for (const take of due) take();
  }

  /** The server decides all marks that have reached it. Returns whether there were any. */
  settle(): boolean {
    this.keep(true);
    const arrived = this.#writes;
    if (!this.#online) return false;
    const told = this.board.settle();
    if (arrived.length === 0) return told;
    this.#writes = [];
    for (const write of arrived) {
      const item = this.items.get(write.id);
      const allowed = item !== undefined && isAllowed(item, write);
      if (allowed) this.items.set(write.id, apply(item, write, ++this.#now));
      this.#fetch([write.id]);
      write.decided(allowed ? "stored" : "moved-on");
    }
    this.#notify();
    return true;
  }

  listen(list: ListName, after: Cursor | null, observer: PageObserver): () => void {
    const listener: Listener = { list, after, observer, confirmed: null, shown: "" };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  listening(): readonly string[] {
    return [...this.#listeners].map(({ list, after }) => `${list} ${after?.key ?? "from the start"}`);
  }

  async readPage(list: ListName, after: Cursor | null, since = 0): Promise<Page> {
    const recent = (items: Items) => new Map([...items].filter(([, { archivedAt }]) => (archivedAt ?? since) >= since));
    if (this.#online) this.#fetch(this.#idsOf(recent(this.items), { list, after }));
    const page = pageOf(recent(this.#local()), list, after, this.#pageSize);
    this.reads += page.items.length;
    return { ...page, fromCache: !this.#online };
  }

  write(mark: MarkOf): Promise<MarkResult> {
    return new Promise(decided => {
      this.#coming = [...this.#coming, () => this.#take({ ...mark, decided })];
      if (!this.#slow) this.keep();
      if (this.#prompt) queueMicrotask(() => this.settle());
    });
  }

  writeAll(marks: readonly MarkOf[]): Promise<readonly MarkResult[]> {
    return Promise.all(marks.map(mark => this.write(mark)));
  }

  #take(write: Write) {
    if (write.until !== undefined) {
      void this.board.write(write).then(write.decided);
      return;
    }
    this.#writes = [...this.#writes, write];
    this.#notify();
  }

  #local(): Items {
    return overlay(this.#cache, this.#writes, this.#now);
  }

  #idsOf(items: Items, { list, after }: Pick<Listener, "list" | "after">): readonly string[] {
    return pageOf(items, list, after, this.#pageSize).items.map(({ id }) => id);
  }

  #fetch(ids: Iterable<string>) {
    for (const id of ids) {
      const item = this.items.get(id);
      if (item) this.#cache.set(id, item);
      else this.#cache.delete(id);
    }
  }

  /** Has each listener show what is new. Returns whether there was anything. */
  #notify(): boolean {
    const local = this.#local();
    const due = [...this.#listeners].flatMap(listener => {
      const { list, after, confirmed } = listener;
      const { items, next } = pageOf(local, list, after, this.#pageSize);
      const isKnown = ({ id, pending }: Notification) => pending || confirmed?.has(id);
      const fromCache = !this.#online || !confirmed || !items.every(isKnown);
      const shown = JSON.stringify([items, fromCache]);
      const waits = this.#online && !confirmed && items.length === 0; // an empty cache says nothing while the server may
      if (waits || shown === listener.shown) return [];
      listener.shown = shown;
      return [{ listener, page: { items, next, fromCache } }];
    });
    for (const { listener, page } of due) if (this.#listeners.has(listener)) listener.observer.page(page);
    return due.length > 0;
  }
}

/** The announcements as items, without a look at the profile. */
function listenTo(shelf: Shelf, observer: AnnouncedObserver): () => void {
  return shelf.board.listen({
    page: page => observer.page({ items: itemsOf(page, saidNothing), fromCache: page.fromCache }),
    failed: observer.failed,
  });
}

/** The shelf as the core's {@link Database}. */
export function databaseOf(shelf: Shelf): Database {
  return {
    pages: list => async () => (after, observer) => shelf.listen(list, after, observer),
    announcements: async () => observer => listenTo(shelf, observer),
    readPage: (...asked) => shelf.readPage(...asked),
    writeEach: marks => shelf.writeAll(marks),
    writeAll: marks => shelf.writeAll(marks),
    profile: new Drawer().source,
    wake: async () => true,
    hasEnded: async () => false,
    replace: async () => {},
    offset: async () => 0,
    forget: async () => {},
  };
}

/** The shelf in the place of `core/firestore`, for a whole inbox. */
export function firestoreOf(shelf: () => Shelf) {
  return {
    listen: (_app: unknown, _uid: string, list: ListName, after: Cursor | null, observer: PageObserver) =>
      shelf().listen(list, after, observer),
    readPage: (_app: unknown, _uid: string, ...asked: Parameters<Database["readPage"]>) => shelf().readPage(...asked),
    write: (_app: unknown, _uid: string, mark: MarkOf) => shelf().write(mark),
    writeAll: (_app: unknown, _uid: string, marks: readonly MarkOf[]) => shelf().writeAll(marks),
    listenToAnnouncements: (_late: unknown, _app: unknown, _uid: string, observer: ToldObserver) =>
      shelf().board.listen(observer),
    examine: async () => "alive",
    reconnect: async () => {},
    hasEnded: async () => false,
    replaceFirestore: () => {},
    askServer: async () => ({ offset: 0, profile: shelf().board.profile }),
    forget: async () => {},
  };
}

/** The same with the shelf that the test has put on the stage, for `vi.mock`. */
export const stage: { shelf: Shelf | null } = { shelf: null };
export const staged = firestoreOf(() => {
  if (!stage.shelf) throw new Error("no shelf");
  return stage.shelf;
});

const byId = (a: Notification, b: Notification) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const orders: Readonly<Record<ListName, (a: Notification, b: Notification) => number>> = {
  recent: (a, b) => b.updatedAt - a.updatedAt || byId(b, a),
  unread: (a, b) => b.rank - a.rank || b.updatedAt - a.updatedAt || byId(b, a),
  archive: (a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || byId(b, a),
  snoozed: (a, b) => (a.snoozedUntil ?? 0) - (b.snoozedUntil ?? 0) || byId(a, b),
};

function belongs(item: Notification, list: ListName): boolean {
  if (list === "snoozed") return item.snoozedUntil !== null;
  if (item.retractedAt !== null) return false;
  if (list === "archive") return item.archivedAt !== null;
  return item.archivedAt === null && (list === "recent" || item.readAt === null);
}

function pageOf(items: Items, list: ListName, after: Cursor | null, pageSize: number): Omit<Page, "fromCache"> {
  const order = orders[list];
  const start = after?.last as Notification | undefined;
  const found = [...items.values()].filter(item => belongs(item, list)).sort(order);
  const shown = found.filter(item => !start || order(start, item) < 0).slice(0, pageSize);
  const last = shown.at(-1);
  const isFull = last && shown.length === pageSize;
  return { items: shown, next: isFull ? { key: `${last.id} ${last.updatedAt}`, last } : null };
}

/** What is stored, with the marks that are on their way. */
function overlay(cache: Items, writes: readonly Write[], now: number): Items {
  const items = new Map(cache);
  for (const write of writes) {
    const item = items.get(write.id);
    if (item) items.set(write.id, { ...apply(item, write, now), pending: true });
  }
  return items;
}

function apply(item: Notification, { mark }: MarkOf, now: number): Notification {
  const { revision: _, ...fields } = mark;
  const values = Object.entries(fields).map(([name, value]) => [name, value === serverTime ? now : value]);
  return { ...item, ...Object.fromEntries(values) };
}

/** As infra/firestore.rules decide: the revision is the item's, and a question is answered once. */
function isAllowed(item: Notification, { mark }: MarkOf): boolean {
  if (mark.revision !== undefined && mark.revision !== item.revision) return false;
  return mark.doneAction === undefined || item.doneAction === null;
}
