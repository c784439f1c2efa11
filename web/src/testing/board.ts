/**
 * The announcements to everybody in a fake Firestore, and one person's marks on them: a server, the cache of one client, and the
 * client's listeners. As with the items (shelf.ts), an own mark shows at once, what the server has comes when the test calls
 * `answer`, a mark is decided when it calls `settle`, and without a network all of that waits.
 */
import type { ToldObserver, ToldPage } from "../core/announcements/told";
import { type MarkOf, type MarkResult, serverTime } from "../core/marks";
import type { Notification } from "../core/model";

type Data = Readonly<Record<string, unknown>>;

interface Write extends MarkOf {
  readonly decided: (result: MarkResult) => void;
}

/** A time as Firestore has it. */
const at = (time: number) => ({ time, toMillis: () => time });

export class Board {
  /** What the server has, by id. */
  readonly announcements = new Map<string, Data>();
  readonly marks = new Map<string, Data>();
  /** The fields of the profile as Firestore's REST API writes them; null where the server does not answer. */
  profile: unknown = {};
  #cache = { announcements: new Map<string, Data>(), marks: new Map<string, Data>() };
  #writes: readonly Write[] = [];
  #observers = new Map<ToldObserver, string>(); // with what each was told last
  #online = true;
  #answered = false;
  #now = 1; // the server's time, which grows with each mark

  /** Everybody is told. */
  put(item: Notification, more: Data = {}) {
    const { id, type, category, priority, rank, icon, title, body, url, createdAt, updatedAt, expireAt } = item;
    const times = {
      createdAt: at(createdAt),
      updatedAt: at(updatedAt),
      expireAt: expireAt === null ? null : at(expireAt),
    };
    this.announcements.set(id, { type, category, priority, rank, icon, title, body, url, ...times, ...more });
  }

  setOnline(online: boolean) {
    this.#online = online;
    if (!online) this.#answered = false;
    this.#notify();
  }

  answer(): boolean {
    this.#answered = true;
    this.#cache = { announcements: new Map(this.announcements), marks: new Map(this.marks) };
    return this.#notify();
  }

  settle(): boolean {
    const arrived = this.#writes;
    this.#writes = [];
    for (const write of arrived) {
      const { id } = write;
      this.marks.set(id, apply(this.marks.get(id), write, ++this.#now));
      this.#cache.marks.set(id, this.marks.get(id) ?? {});
      write.decided("stored");
    }
    this.#notify();
    return arrived.length > 0;
  }

  listen(observer: ToldObserver): () => void {
    this.#observers.set(observer, "");
    this.#notify();
    return () => this.#observers.delete(observer);
  }

  write(mark: MarkOf): Promise<MarkResult> {
    return new Promise(decided => {
      this.#writes = [...this.#writes, { ...mark, decided }];
      this.#notify();
    });
  }

  #page(): ToldPage {
    const marks = new Map([...this.#cache.marks].map(([id, data]) => [id, { data, pending: false }]));
    for (const write of this.#writes) {
      marks.set(write.id, { data: apply(marks.get(write.id)?.data, write, this.#now), pending: true });
    }
    const announcements = [...this.#cache.announcements].map(([id, data]) => ({ id, data }));
    return { announcements, marks, fromCache: !this.#answered };
  }

  /** Returns whether anything was new to somebody. */
  #notify(): boolean {
    const page = this.#page();
    const isEmpty = page.announcements.length + page.marks.size === 0;
    if (page.fromCache && isEmpty && this.#online) return false; // an empty cache says nothing while the server may
    const shown = JSON.stringify([page.announcements.map(({ id }) => id), [...page.marks], page.fromCache]);
    const due = [...this.#observers].filter(([, before]) => before !== shown);
    for (const [observer] of due) {
      if (!this.#observers.has(observer)) continue;
      this.#observers.set(observer, shown);
      observer.page(page);
    }
    return due.length > 0;
  }
}

function apply(before: Data | undefined, { mark, until }: MarkOf, now: number): Data {
  const { revision: _, ...own } = mark;
  const values = Object.entries(own).map(([name, value]) => [
    name,
    value === serverTime ? at(now) : typeof value === "number" ? at(value) : value,
  ]);
  return { ...before, ...Object.fromEntries(values), expireAt: at(until ?? 0) };
}
