/** Carries out what a person does to their items, and says what became of it. */
import { isListed } from "./arrange";
import type { Database } from "./database";
import { answerFor, type Deed, type Mark, type MarkOf, type MarkResult, markFor, undoFor } from "./marks";
import type { Notification } from "./model";
import type { Notice, Notices } from "./notice";
import { sweep } from "./sweep";

export interface MarkerParts {
  readonly database: Database;
  readonly notices: Notices;
  readonly find: (id: string) => Notification | undefined;
  /** What the inbox lists. */
  readonly listed: () => readonly Notification[];
  /** Whether there is more of the list than the inbox holds. */
  readonly hasMore: (list: "recent" | "unread") => boolean;
  readonly isOnline: () => boolean;
  readonly now: () => number;
}

export interface Marker {
  seen(ids: readonly string[]): Promise<readonly MarkResult[]>;
  mark(id: string, deed: Deed): Promise<MarkResult>;
  markAll(deed: "read" | "archive"): Promise<readonly MarkResult[]>;
  act(id: string, actionId: string): Promise<MarkResult>;
}

export function createMarker(parts: MarkerParts): Marker {
  const { database, notices, find, listed, isOnline, now } = parts;
  const seenOnce = new Map<string, number>(); // id → the revision whose seen mark is on its way, or has arrived

  /** Answers what became of each. A queued mark must be able to arrive by itself, without this page. */
  async function write(marks: readonly MarkOf[]): Promise<readonly MarkResult[]> {
    if (marks.length === 0) return [];
    if (isOnline() && marks.length > 1) return database.writeAll(marks);
    return Promise.all(marks.map(database.write));
  }

  const writeOne = (item: Notification, mark: Mark | null): Promise<MarkResult> =>
    mark === null ? Promise.resolve("stored") : database.write({ id: item.id, mark });

  /** Tells the person of what did not work. The promise stays as it is, and may be left alone: it is no unhandled rejection. */
  function told<T extends MarkResult | readonly MarkResult[]>(title: string, doing: Promise<T>): Promise<T> {
    const tell = (kind: Notice["kind"], count: number) => notices.show({ kind, count, title, busy: false });
    doing.then(
      result => {
        const refused = [result].flat().filter(one => one === "moved-on").length;
        if (refused > 0) tell("moved-on", refused);
      },
      () => tell("failed", 1),
    );
    return doing;
  }

  async function takeBack(items: readonly Notification[], deed: Deed, title: string) {
    const marks = items.flatMap(item => {
      const mark = undoFor(item, deed, now());
      return mark ? [{ id: item.id, mark }] : [];
    });
    notices.show({ kind: "undone", count: items.length, title, busy: false });
    await told(title, write(marks)).catch(() => {});
  }

  function mark(id: string, deed: Deed): Promise<MarkResult> {
    const item = find(id);
    const update = item ? markFor(item, deed) : null;
    if (!item || !update) return Promise.resolve("stored");
    const kind = kindOf(deed);
    // Reading is what one does all day: it is undone by its own button.
    if (kind && kind !== "read" && kind !== "unread") {
      notices.show({ kind, count: 1, title: item.title, busy: false }, () => void takeBack([item], deed, item.title));
    }
    return told(item.title, writeOne(item, update));
  }

  function markAll(deed: "read" | "archive"): Promise<readonly MarkResult[]> {
    const done: Notification[] = [];
    let stopped = false;
    const undo = () => {
      stopped = true;
      void takeBack(done, deed, "");
    };
    const wanted = (item: Notification) => isListed(item, now()) && markFor(item, deed) !== null;
    const first = listed().filter(wanted);
    const list = deed === "read" ? "unread" : "recent";
    const hasMore = parts.hasMore(list);
    if (first.length === 0 && !hasMore) return Promise.resolve([]);
    const kind = deed === "read" ? "read" : "archived";
    const key = notices.show({ kind, count: first.length, title: "", busy: hasMore }, undo);
    const apply = (items: readonly Notification[]) => {
      done.push(...items);
      notices.change(key, { count: done.length });
      return write(items.flatMap(item => ({ id: item.id, mark: markFor(item, deed) ?? {} })));
    };
    const sweeping = sweep({ first, list, hasMore, wanted, apply, database, isOnline, isStopped: () => stopped });
    sweeping.then(
      () => notices.change(key, { busy: false }),
      () => {},
    );
    return told("", sweeping);
  }

  return {
    async seen(ids) {
      const ones = new Set(ids);
      const fresh = listed().filter(
        item => ones.has(item.id) && item.seenAt === null && seenOnce.get(item.id) !== item.revision,
      );
      for (const item of fresh) seenOnce.set(item.id, item.revision);
      try {
        return await write(fresh.flatMap(item => ({ id: item.id, mark: markFor(item, "seen") ?? {} })));
      } catch {
        // It was not written, so it is tried again when the items are on screen the next time.
        for (const item of fresh) if (seenOnce.get(item.id) === item.revision) seenOnce.delete(item.id);
        return [];
      }
    },
    mark,
    markAll,
    act(id, actionId) {
      const item = find(id);
      const answer = item ? answerFor(item, actionId) : null;
      if (!item || !answer) return Promise.resolve("stored");
      return told(item.title, answerItem(item, answer));
    },
  };

  async function answerItem(item: Notification, answer: Mark): Promise<MarkResult> {
    const read = markFor(item, "read");
    if (isOnline() && read) {
      // Both at once; and if the item has moved on, so that it is not read, still the answer.
      const both = await writeOne(item, { ...read, ...answer });
      return both === "stored" ? both : writeOne(item, answer);
    }
    // A queued answer must be able to arrive without the other, and without this page.
    const [answered] = await Promise.all([writeOne(item, answer), writeOne(item, read)]);
    return answered;
  }
}

function kindOf(deed: Deed): Notice["kind"] | null {
  if (typeof deed === "object") return deed.snoozeUntil === null ? "woken" : "snoozed";
  const kinds = { read: "read", unread: "unread", archive: "archived", unarchive: "unarchived" } as const;
  return deed === "seen" ? null : kinds[deed];
}
