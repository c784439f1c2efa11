/**
 * Marks show at the press. The browser's database takes some milliseconds until it shows one, on a busy machine seconds; but the
 * next press is meant for the item as the last one has left it.
 */
import type { Database } from "./database";
import type { MarkOf } from "./marks";
import type { Notification } from "./model";
import type { AnnouncedPage, InboxError } from "./page";

interface Observer<P> {
  page(page: P): void;
  failed(error: InboxError): void;
}

interface OpenList {
  readonly items: () => readonly Notification[];
  /** Shows what is ahead; given ids, only if it has any of these items. */
  readonly show: (ids?: ReadonlySet<string>) => void;
}

/** The database, whose lists show each mark from when it is written: until all of them do so by themselves, or the server has decided. */
export function showAhead(database: Database, now: () => number): Database {
  const ahead = createAhead();
  const lists = new Set<OpenList>();

  function listen<P extends AnnouncedPage>(observer: Observer<P>, begin: (observer: Observer<P>) => () => void) {
    let last: P | undefined;
    let gone: readonly Notification[] = []; // by a mark that a later one, which is still ahead, takes back
    const list: OpenList = {
      items: () => last?.items ?? [],
      show(ids) {
        if (ids && ![...gone, ...list.items()].some(({ id }) => ids.has(id))) return;
        gone = gone.filter(ahead.has);
        if (last) observer.page({ ...last, items: [...gone, ...last.items].map(ahead.on) });
      },
    };
    lists.add(list);
    const stop = begin({
      page(page) {
        const before = [...gone, ...list.items()].map(ahead.on);
        last = page;
        ahead.forgetShown([...lists].map(({ items }) => items()));
        const ids = new Set(page.items.map(({ id }) => id));
        gone = before.filter(({ id }) => !ids.has(id));
        list.show();
      },
      failed(error) {
        lists.delete(list);
        observer.failed(error);
      },
    });
    return () => {
      lists.delete(list);
      stop();
    };
  }

  function write<T>(marks: readonly MarkOf[], writing: (marks: readonly MarkOf[]) => Promise<T>): Promise<T> {
    if (marks.length === 0) return writing(marks); // whoever hears of a change may write again
    const forget = marks.map(mark => ahead.add(mark, now()));
    const ids = new Set(marks.map(({ id }) => id));
    const showAll = () => {
      for (const { show } of lists) show(ids); // of thousands of items, a page or two have the one that was pressed
    };
    showAll();
    const decided = () => {
      for (const one of forget) one();
      showAll();
    };
    const written = writing(marks);
    written.then(decided, decided);
    return written;
  }

  return {
    ...database,
    pages: list => async () => {
      const begin = await database.pages(list)();
      return (after, observer) => listen(observer, observer => begin(after, observer));
    },
    async announcements() {
      const begin = await database.announcements();
      return observer => listen(observer, begin);
    },
    writeEach: marks => write(marks, database.writeEach),
    writeAll: marks => write(marks, database.writeAll),
  };
}

/** A mark that some list does not show yet. */
interface Ahead {
  /** What it makes of the item. */
  readonly fields: Partial<Notification>;
  /** Missing where the mark counts whatever has happened to the item. */
  readonly revision: number | undefined;
}

function createAhead() {
  const ahead = new Map<string, readonly Ahead[]>(); // by the item's id, in the order of the presses
  function keep(id: string, marks: readonly Ahead[]) {
    if (marks.length > 0) ahead.set(id, marks);
    else ahead.delete(id);
  }

  return {
    /** Returns what forgets it. */
    add({ id, mark: { revision, ...mark } }: MarkOf, now: number): () => void {
      const fields = Object.entries(mark).map(([name, value]) => [name, typeof value === "symbol" ? now : value]);
      const added: Ahead = { fields: Object.fromEntries(fields), revision };
      const others = () => (ahead.get(id) ?? []).filter(one => one !== added);
      keep(id, [...others(), added]);
      return () => keep(id, others());
    },
    has: ({ id }: Notification) => ahead.has(id),
    /** The item as the person has left it. News show as they are, since the mark does not count for them. */
    on(item: Notification): Notification {
      let left = item;
      for (const one of ahead.get(item.id) ?? [])
        if (isFor(one, item)) left = { ...left, ...one.fields, pending: true };
      return left;
    },
    /** Of an item the lists show one mark after the other. While they do not show one, all that came later are kept, too. */
    forgetShown(lists: readonly (readonly Notification[])[]) {
      if (ahead.size === 0) return;
      const held = lists.map(items => new Map(items.map(item => [item.id, item])));
      for (const [id, marks] of ahead) {
        const found = held.flatMap(items => items.get(id) ?? []);
        const next = marks.findIndex(one => !isShown(one, found));
        keep(id, next < 0 ? [] : marks.slice(next));
      }
    },
  };
}

const isFor = ({ revision = -1 }: Ahead, item: Notification) => revision < 0 || revision === item.revision;

/** Whether all lists that have the item have it as the mark leaves it. What is archived may be in none of them. */
function isShown(one: Ahead, found: readonly Notification[]): boolean {
  if (found.length === 0) return typeof one.fields.archivedAt === "number";
  const fields = Object.entries(one.fields);
  const isSo = (item: Notification) => fields.every(([name, value]) => isSame(item[name as keyof Notification], value));
  return found.every(item => !isFor(one, item) || isSo(item));
}

/** Two times are of two clocks. */
const isSame = (a: unknown, b: unknown) => a === b || (typeof a === "number" && typeof b === "number");
