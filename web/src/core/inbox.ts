import type { FirebaseApp } from "firebase/app";
import { nextChange } from "./arrange";
import { watchAttention } from "./attention";
import { afterFirstPaint, watchOnline } from "./browser";
import { type Clock, systemClock } from "./clock";
import type { InboxUser } from "./connection";
import type { ListName, MarkResult } from "./feed";
import { openList } from "./list";
import { answerFor, type Deed, type Mark, markFor } from "./marks";
import type { Notification } from "./model";
import { createNews } from "./news";
import {
  type ArchiveSnapshot,
  derive,
  deriveArchive,
  type InboxSnapshot,
  type Knowledge,
  knowsNothing,
} from "./snapshot";
import { createStore, type Readable } from "./store";
import { joinTabs } from "./tabs";
import { createToaster } from "./toaster";

export interface InboxOptions {
  /** The app that `user` is signed in with. */
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** The system's time unless given. */
  readonly clock?: Clock;
}

/**
 * One person's open inbox. Whatever is done shows at once; each promise settles when the server has answered, which
 * offline is after the network has come back. It answers "moved-on" where the item had changed in the meantime and stays
 * as it is. Ids that the inbox does not hold, and deeds that are done already, are "stored" without a write.
 */
export interface Inbox extends Readable<InboxSnapshot> {
  /** The person's uid. */
  readonly uid: string;
  readonly clock: Clock;
  /** The items have been on the person's screen. Each is marked once per revision, however often this is called. */
  markSeen(ids: readonly string[]): Promise<readonly MarkResult[]>;
  markRead(id: string): Promise<MarkResult>;
  markUnread(id: string): Promise<MarkResult>;
  /** Marks what is listed and unread, low priority included. */
  markAllRead(): Promise<readonly MarkResult[]>;
  /** Puts the item away until it is unarchived or something new happens to it. */
  archive(id: string): Promise<MarkResult>;
  unarchive(id: string): Promise<MarkResult>;
  /** Puts away what is listed. */
  archiveAll(): Promise<readonly MarkResult[]>;
  /** Hides the item until then (milliseconds since 1970, at most 366 days ahead); null brings it back. */
  snooze(id: string, until: number | null): Promise<MarkResult>;
  /** Answers the item with one of its actions, once and for all, and reads it. */
  act(id: string, actionId: string): Promise<MarkResult>;
  /** Brings the next older items, if there are any. */
  loadMore(): void;
  /** What was put away. It is listened to while somebody is subscribed. */
  readonly archived: Archive;
  /** Closes a toast, in all tabs. The item stays as it is. */
  dismissToast(id: string): void;
  /** Stops the toasts' time, while somebody points at one. */
  holdToasts(held: boolean): void;
  /** Calls `listener` with what is new to the person, from the moment on that the inbox was first shown. */
  onNews(listener: (news: readonly Notification[]) => void): () => void;
  /** After an error: tries again now instead of when the back-off ends. */
  retry(): void;
  /** Ends all listeners, timers and channels and forgets all subscribers. The inbox is of no use afterwards. */
  close(): void;
}

export interface Archive extends Readable<ArchiveSnapshot> {
  loadMore(): void;
}

const longestTimer = 2 ** 31 - 1; // ms; a longer one would fire at once
const healthy = 5000; // ms; a connection that has spoken so recently needs no waking
const away = 3_600_000; // ms; whoever was away for so long is not told by toasts what he missed

/** Opens the inbox of the signed-in person. Firestore is loaded after the first paint. Close it on sign-out. */
export function openInbox({ app, user, clock = systemClock }: InboxOptions): Inbox {
  const store = createStore<InboxSnapshot>(derive(knowsNothing, clock.now(), null));
  const loadFeed = loadOnce(() => afterFirstPaint().then(() => import("./feed")));
  const seenOnce = new Map<string, number>(); // id → the revision that was marked as seen
  const news = createNews();
  const newsListeners = new Set<(news: readonly Notification[]) => void>();
  const toaster = createToaster(() => learn({ toastQueue: toaster.queue }));
  let knowledge: Knowledge = knowsNothing;
  let closed = false;
  let changeTimer: ReturnType<typeof setTimeout> | undefined;
  let confirmedAt = Date.now(); // the last word of the server, or the last try to make it speak
  let presentAt = Date.now(); // when somebody last looked at a page that knew what is going on

  function learn(gained: Partial<Knowledge>) {
    if (closed) return;
    knowledge = { ...knowledge, ...gained };
    const now = clock.now();
    store.set(derive(knowledge, now, store.getSnapshot()));
    clearTimeout(changeTimer);
    const next = nextChange(knowledge.listing.held.values(), now);
    if (next !== null) changeTimer = setTimeout(recheck, Math.min(next - now, longestTimer));
  }

  /** Time alone has changed what is listed. */
  function recheck() {
    learn({});
    toaster.refresh(knowledge.listing.held, clock.now());
  }

  function pages(list: ListName) {
    return async () => {
      const { listen } = await loadFeed();
      return (after: Parameters<typeof listen>[3], observer: Parameters<typeof listen>[4]) =>
        listen(app, user.uid, list, after, observer);
    };
  }

  async function apply(item: Notification, mark: Mark | null): Promise<MarkResult> {
    if (mark === null) return "stored";
    const { write } = await loadFeed();
    return write(app, user.uid, item.id, mark);
  }

  async function mark(id: string, deed: Deed): Promise<MarkResult> {
    const item = find(id);
    return item ? apply(item, markFor(item, deed)) : "stored";
  }

  /** Answers what became of those that there was something to do about. */
  async function markEach(items: readonly Notification[], deed: Deed): Promise<readonly MarkResult[]> {
    const marks = items.flatMap(item => {
      const mark = markFor(item, deed);
      return mark ? [{ id: item.id, mark }] : [];
    });
    if (marks.length === 0) return [];
    const { write, writeAll } = await loadFeed();
    // A queued mark must be able to arrive by itself, without this page.
    if (knowledge.online) return writeAll(app, user.uid, marks);
    return Promise.all(marks.map(({ id, mark }) => write(app, user.uid, id, mark)));
  }

  function find(id: string): Notification | undefined {
    return knowledge.listing.held.get(id) ?? archive.find(id);
  }

  /** A connection that died unnoticed is replaced as soon as somebody looks at any tab. */
  function wake() {
    const now = Date.now();
    if (now - presentAt > away) {
      news.forget();
      toaster.clear();
    }
    presentAt = now;
    // Without a network there is nothing to wake, and Firestore itself hears when there is one again.
    if (!knowledge.online || !knowledge.listing.loaded || now - confirmedAt < healthy) return;
    confirmedAt = now;
    void loadFeed().then(feed => (closed ? undefined : feed.reconnect(app)));
  }

  const tabs = joinTabs(`tidings ${app.options?.projectId ?? ""} ${user.uid}`, message => {
    if (message.kind === "looked") wake();
    else if (find(message.id)?.revision === message.revision) toaster.dismiss(message.id);
  });
  const stopOnline = watchOnline(online => learn({ online }));
  const stopAttention = watchAttention({
    looked() {
      wake();
      tabs.tell({ kind: "looked" });
    },
    hidden(hidden) {
      if (hidden) presentAt = Date.now();
      toaster.pause("hidden", hidden);
    },
  });
  const stopClock = clock.onJump(recheck);
  const list = openList(user, pages("inbox"), listing => {
    learn({ listing });
    const now = clock.now();
    toaster.refresh(listing.held, now);
    if (!listing.live) return;
    confirmedAt = Date.now();
    const fresh = news.of([...listing.held.values()]);
    if (fresh.length === 0) return;
    toaster.add(fresh, now);
    for (const listener of [...newsListeners]) listener(fresh);
  });
  const archive = openArchive(tell => openList(user, pages("archive"), tell), clock);

  return {
    uid: user.uid,
    clock,
    archived: archive,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    markSeen(ids) {
      const wanted = new Set(ids);
      const fresh = store.getSnapshot().notifications.filter(item => {
        const due = wanted.has(item.id) && item.seenAt === null && seenOnce.get(item.id) !== item.revision;
        if (due) seenOnce.set(item.id, item.revision);
        return due;
      });
      return markEach(fresh, "seen");
    },
    markRead: id => mark(id, "read"),
    markUnread: id => mark(id, "unread"),
    markAllRead: () => markEach(store.getSnapshot().notifications, "read"),
    archive: id => mark(id, "archive"),
    unarchive: id => mark(id, "unarchive"),
    archiveAll: () => markEach(store.getSnapshot().notifications, "archive"),
    snooze: (id, until) => mark(id, { snoozeUntil: until }),
    async act(id, actionId) {
      const item = find(id);
      const answer = item ? answerFor(item, actionId) : null;
      if (!item || !answer) return "stored";
      const read = markFor(item, "read");
      if (knowledge.online && read) {
        // Both at once; and if the item has moved on, so that it is not read, still the answer.
        const both = await apply(item, { ...read, ...answer });
        return both === "stored" ? both : apply(item, answer);
      }
      // A queued answer must be able to arrive without the other, and without this page.
      const [answered] = await Promise.all([apply(item, answer), apply(item, read)]);
      return answered;
    },
    loadMore: () => list.more(),
    dismissToast(id) {
      const revision = find(id)?.revision;
      toaster.dismiss(id);
      if (revision !== undefined) tabs.tell({ kind: "dismissed", id, revision });
    },
    holdToasts: held => toaster.pause("held", held),
    onNews(listener) {
      const own = (fresh: readonly Notification[]) => listener(fresh);
      newsListeners.add(own);
      return () => newsListeners.delete(own);
    },
    retry() {
      if (knowledge.listing.error !== null) list.retry();
    },
    close() {
      closed = true;
      list.close();
      archive.close();
      tabs.close();
      toaster.close();
      stopOnline();
      stopAttention();
      stopClock();
      clearTimeout(changeTimer);
      newsListeners.clear();
      store.close();
    },
  };
}

/** The archive, which costs reads and so is listened to only while it is looked at. */
function openArchive(open: (tell: Parameters<typeof openList>[2]) => ReturnType<typeof openList>, clock: Clock) {
  const store = createStore<ArchiveSnapshot>(deriveArchive(knowsNothing.listing, 0));
  let held = knowsNothing.listing.held;
  let list: ReturnType<typeof openList> | null = null;
  let listeners = 0;
  const close = () => {
    list?.close();
    list = null;
  };
  return {
    getSnapshot: store.getSnapshot,
    subscribe(listener: (value: ArchiveSnapshot) => void) {
      listeners++;
      list ??= open(listing => {
        held = listing.held;
        store.set(deriveArchive(listing, clock.now()));
      });
      const stop = store.subscribe(listener);
      let stopped = false;
      return () => {
        if (stopped) return;
        stopped = true;
        stop();
        if (--listeners === 0) close();
      };
    },
    find: (id: string) => held.get(id),
    loadMore: () => list?.more(),
    close() {
      close();
      store.close();
    },
  };
}

/** Loads at the first call, and again at the next one after a failure: a network that is gone now may be back then. */
function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}
