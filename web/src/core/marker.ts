/** Carries out what a person does to their items. `late-marker.ts` loads it. */
import type { Database } from "./database";
import {
  answerFor,
  type Deed,
  type Mark,
  type MarkOf,
  type MarkResult,
  markFor,
  markOn,
  serverTime,
  undoFor,
} from "./marks";
import type { Notification } from "./model";
import type { Notice, Notices } from "./notice";
import type { Report } from "./report";
import { sweep } from "./sweep";

export interface MarkerParts {
  readonly database: Database;
  readonly notices: Notices;
  readonly report: Report;
  /** Whether the inbox lists the item now. */
  readonly isListed: (item: Notification) => boolean;
  /** Whether there is more of the list than the inbox holds. */
  readonly hasMore: (list: "recent" | "unread") => boolean;
  readonly isOnline: () => boolean;
  readonly now: () => number;
}

/** Each item is as the person saw it when they pressed: it may have changed since. */
export interface Marker {
  seen(items: readonly Notification[]): Promise<readonly MarkResult[]>;
  mark(item: Notification, deed: Deed): Promise<MarkResult>;
  /** `listed` is all that the inbox lists; what it does not hold is marked, too, but for what changed after `newest`. */
  markAll(deed: "read" | "archive", listed: readonly Notification[], newest: number): Promise<readonly MarkResult[]>;
  act(item: Notification, actionId: string): Promise<MarkResult>;
  /** Reads once more what devices still show of `listed`, as the server has it, although it is read: now they are told. */
  tidy(listed: readonly Notification[]): void;
}

export function createMarker(parts: MarkerParts): Marker {
  const { notices } = parts;
  const writer = createWriter(parts);
  const takeBack = createTakeBack(parts, writer);
  return {
    seen: createSeen(writer),
    async mark(item, deed) {
      const mark = markFor(item, deed);
      if (!mark) return "stored";
      const kind = kindOf(deed);
      if (kind) {
        notices.show({ kind, count: 1, title: item.title, busy: false }, () => takeBack([item], deed, item.title));
      }
      return writer.one(item, mark);
    },
    markAll: (deed, listed, newest) => markAll(deed, { listed, newest }, parts, writer, takeBack),
    async act(item, actionId) {
      const answer = answerFor(item, actionId);
      return answer ? writer.answer(item, answer) : "stored";
    },
    tidy: writer.tidy,
  };
}

const markOf = (item: Notification, mark: Mark | null): readonly MarkOf[] => (mark ? [markOn(item, mark)] : []);

const patience = 10_000; // ms; a mark of another device is mostly a second old when its push is withdrawn

type Writer = ReturnType<typeof createWriter>;

/** The ways to write marks. One that waits for the network must be able to arrive by itself, without this page. */
function createWriter({ database, isOnline, now }: MarkerParts) {
  const ended = new Map<string, number | undefined>(); // id → the push that a mark from here has ended; 0: it knew of none
  /** Returns what became of each. */
  async function all(marks: readonly MarkOf[]): Promise<readonly MarkResult[]> {
    for (const { id, mark, shown } of marks) if (mark.readAt || mark.archivedAt) ended.set(id, shown);
    return isOnline() && marks.length > 1 ? database.writeAll(marks) : database.writeEach(marks);
  }
  async function one(item: Notification, mark: Mark | null): Promise<MarkResult> {
    const [result = "stored"] = await all(markOf(item, mark));
    return result;
  }
  return {
    one,
    all,
    tidy(listed: readonly Notification[]) {
      const left = listed.filter(
        ({ id, shown, readAt, pending }) =>
          shown && readAt && !pending && ended.get(id) !== shown && (ended.has(id) || now() - readAt > patience),
      );
      const read = (item: Notification) => markOf(item, { readAt: serverTime, revision: item.revision });
      void all(left.flatMap(read)).catch(() => {});
    },
    /** Answers the item, and reads it. */
    async answer(item: Notification, answer: Mark): Promise<MarkResult> {
      const read = markFor(item, "read");
      if (isOnline() && read) {
        // Both at once; and if the item has moved on, so that it is not read, still the answer.
        const both = await one(item, { ...read, ...answer });
        return both === "stored" ? both : one(item, answer);
      }
      const [answered] = await Promise.all([one(item, answer), one(item, read)]);
      return answered;
    },
  };
}

type TakeBack = (items: readonly Notification[], deed: Deed, title: string) => void;

/** Undoes a deed on items, which are given as they were before it. */
function createTakeBack({ notices, report, now }: MarkerParts, writer: Writer): TakeBack {
  return (items, deed, title) => {
    const marks = items.flatMap(item => markOf(item, undoFor(item, deed, now())));
    notices.show({ kind: "undone", count: items.length, title, busy: false });
    void report(title, writer.all(marks));
  };
}

/** Does the deed to the whole list, in the background; the notice counts along, and its undo also stops it. */
async function markAll(
  deed: "read" | "archive",
  { listed, newest }: { readonly listed: readonly Notification[]; readonly newest: number },
  { database, notices, isListed, hasMore: isMoreOf, isOnline }: MarkerParts,
  writer: Writer,
  takeBack: TakeBack,
): Promise<readonly MarkResult[]> {
  const done: Notification[] = [];
  let stopped = false;
  const wanted = (item: Notification) => isListed(item) && markFor(item, deed) !== null;
  const first = listed.filter(wanted);
  const list = deed === "read" ? "unread" : "recent";
  const hasMore = isMoreOf(list);
  if (first.length === 0 && !hasMore) return [];
  const kind = deed === "read" ? "read" : "archived";
  const key = notices.show({ kind, count: first.length, title: "", busy: hasMore }, () => {
    stopped = true;
    takeBack(done, deed, "");
  });
  const apply = (items: readonly Notification[]) => {
    done.push(...items);
    notices.change(key, { count: done.length });
    return writer.all(items.flatMap(item => markOf(item, markFor(item, deed))));
  };
  const results = await sweep({
    first,
    newest,
    list,
    hasMore,
    wanted,
    apply,
    database,
    isOnline,
    isStopped: () => stopped,
  });
  notices.change(key, { busy: false });
  return results;
}

/** Marks each item as seen once per revision; but once more, if that could not be written. */
function createSeen(writer: Writer): Marker["seen"] {
  const seenOnce = new Map<string, number>(); // id → the revision whose mark is on its way, or has arrived
  return async items => {
    const fresh = items.filter(item => item.seenAt === null && seenOnce.get(item.id) !== item.revision);
    for (const item of fresh) seenOnce.set(item.id, item.revision);
    try {
      return await writer.all(fresh.flatMap(item => markOf(item, markFor(item, "seen"))));
    } catch {
      for (const item of fresh) if (seenOnce.get(item.id) === item.revision) seenOnce.delete(item.id);
      return [];
    }
  };
}

/** What the notice says; nothing of reading, which is what one does all day: it is undone by its own button. */
function kindOf(deed: Deed): Notice["kind"] | null {
  if (typeof deed === "object") return deed.snoozeUntil === null ? "woken" : "snoozed";
  return deed === "archive" ? "archived" : deed === "unarchive" ? "unarchived" : null;
}
