import { nextChange } from "./arrange";
import { watchAttention } from "./attention";
import { watchOnline } from "./browser";
import type { Clock } from "./clock";
import { type Database, openDatabase } from "./database";
import { watchHealth } from "./health";
import type { Inbox, InboxOptions } from "./inbox";
import { createLazyList } from "./lazy-list";
import { openList } from "./list";
import { openLists } from "./lists";
import { createMarker } from "./marker";
import type { Notification } from "./model";
import { createNews } from "./news";
import { createNotices } from "./notice";
import { serverClock } from "./server-clock";
import { derive, deriveArchive, deriveSnoozed, type InboxSnapshot, type Knowledge, knowsNothing } from "./snapshot";
import { createStore, type Store } from "./store";
import { joinTabs } from "./tabs";
import { createToaster } from "./toaster";

const longestTimer = 2 ** 31 - 1; // ms; a longer one would fire at once
const away = 3_600_000; // ms; somebody who was away for so long is not told by toasts what they missed

/** Opens the inbox of the signed-in person. Firestore is loaded after the first paint. Close it on sign-out. */
export function openInbox(options: InboxOptions): Inbox {
  const { user } = options;
  const parts = assemble(options);
  const { clock, state, notices, toaster, announcing, lists, archived, snoozed, marker, database, find } = parts;
  const watching = watchPerson(options, parts);

  function dismissToast(id: string) {
    const revision = find(id)?.revision;
    toaster.dismiss(id);
    if (revision !== undefined) watching.tabs.tell({ kind: "dismissed", id, revision });
  }

  function close() {
    watching.close();
    parts.close();
  }

  return {
    uid: user.uid,
    clock,
    archived,
    snoozed,
    getSnapshot: state.store.getSnapshot,
    subscribe: state.store.subscribe,
    markSeen: marker.seen,
    markRead: id => marker.mark(id, "read"),
    markUnread: id => marker.mark(id, "unread"),
    markAllRead: () => marker.markAll("read"),
    archive: id => marker.mark(id, "archive"),
    unarchive: id => marker.mark(id, "unarchive"),
    archiveAll: () => marker.markAll("archive"),
    snooze: (id, until) => marker.mark(id, { snoozeUntil: until }),
    act: marker.act,
    undo: () => notices.undo(),
    dismissNotice: () => notices.dismiss(),
    loadMore: (what = "recent") => lists.more(what),
    dismissToast,
    dismissToasts() {
      for (const { id } of toaster.queue) dismissToast(id);
    },
    paceToasts: toaster.pace,
    holdToasts: (held, reason = "held") => toaster.pause(reason, held),
    onNews: announcing.listen,
    retry() {
      if (state.knows().recent.error !== null) lists.retry();
    },
    close,
    forget() {
      close();
      return database.forget();
    },
  };
}

type Parts = ReturnType<typeof assemble>;

/** The parts of an inbox, each told of the others what it needs. */
function assemble({ app, user, clock: given, firestoreEmulator }: InboxOptions) {
  const database = openDatabase(app, user, firestoreEmulator);
  const ownClock = serverClock(database);
  const clock = given ?? ownClock;
  const state = createState(clock, () => toaster.refresh(state.knows().held, clock.now()));
  const notices = createNotices(() => state.learn({ notice: notices.current }));
  const toaster = createToaster(() => state.learn({ toastQueue: toaster.queue }));
  const announcing = createAnnouncing();
  const lists = openLists(user, database, told => {
    state.learn(told);
    toaster.refresh(told.held, clock.now());
    if (!told.recent.live) return;
    health.confirm();
    if (!given) ownClock.check();
    const fresh = announcing.news.of([...told.held.values()]);
    if (fresh.length === 0) return;
    toaster.add(fresh, clock.now());
    announcing.tell(fresh);
  });
  const { archived, snoozed } = lazyLists(user, database, clock);
  const all = [lists, archived, snoozed];
  const health = watchHealth({
    database,
    ready: () => state.knows().online && state.knows().recent.loaded,
    restart: () => all.forEach(list => void list.retry()),
    hopeless: () => state.learn({ ended: { code: "ended", message: "Firestore has ended itself. Reload the page." } }),
  });
  const find = (id: string) => state.knows().held.get(id) ?? archived.find(id) ?? snoozed.find(id);
  const marker = createMarker({
    database,
    notices,
    find,
    listed: () => state.store.getSnapshot().notifications,
    hasMore(list) {
      const { recent, unread } = state.knows();
      // While everything is held, what is unread is not listened to by itself.
      return list === "unread" && unread.loaded ? unread.hasMore : recent.hasMore;
    },
    isOnline: () => state.knows().online,
    now: () => clock.now(),
  });
  const close = () => [...all, health, toaster, notices, state, announcing].forEach(part => void part.close());
  return {
    database,
    clock,
    state,
    notices,
    toaster,
    announcing,
    lists,
    archived,
    snoozed,
    health,
    find,
    marker,
    close,
  };
}

function lazyLists(user: InboxOptions["user"], database: Database, clock: Clock) {
  const archived = createLazyList(
    tell => openList(user, database.pages("archive"), tell),
    listing => deriveArchive(listing, clock.now()),
  );
  const snoozed = createLazyList(
    tell => openList(user, database.pages("snoozed"), tell),
    listing => deriveSnoozed(listing, clock.now()),
  );
  return { archived, snoozed };
}

/** Whether somebody looks at this page or another one of the person, and what the pages tell each other of that. */
function watchPerson({ app, user }: InboxOptions, { state, announcing, toaster, health, find }: Parts) {
  let presentAt = Date.now(); // when somebody last looked at a page that knew what is going on

  function looked() {
    const now = Date.now();
    if (now - presentAt > away) {
      announcing.news.forget();
      toaster.clear();
    }
    presentAt = now;
    health.wake();
  }

  const tabs = joinTabs(`tidings ${app.options?.projectId ?? ""} ${user.uid}`, message => {
    if (message.kind === "looked") looked();
    else if (find(message.id)?.revision === message.revision) toaster.dismiss(message.id);
  });
  const stopOnline = watchOnline(online => state.learn({ online }));
  const stopAttention = watchAttention({
    looked() {
      looked();
      tabs.tell({ kind: "looked" });
    },
    hidden(hidden) {
      if (hidden) presentAt = Date.now();
      toaster.pause("hidden", hidden);
    },
  });
  return {
    tabs,
    close() {
      tabs.close();
      stopOnline();
      stopAttention();
    },
  };
}

/** What the inbox knows, and what it shows of it at the time that it is. `timePassed` hears when time alone has changed that. */
function createState(clock: Clock, timePassed: () => void) {
  const store: Store<InboxSnapshot> = createStore(derive(knowsNothing, clock.now(), null));
  let knowledge: Knowledge = knowsNothing;
  let closed = false;
  let changeTimer: ReturnType<typeof setTimeout> | undefined;

  function learn(gained: Partial<Knowledge>) {
    if (closed) return;
    knowledge = { ...knowledge, ...gained };
    const now = clock.now();
    store.set(derive(knowledge, now, store.getSnapshot()));
    clearTimeout(changeTimer);
    const next = nextChange(knowledge.held.values(), now);
    if (next !== null) changeTimer = setTimeout(recheck, Math.min(next - now, longestTimer));
  }

  function recheck() {
    learn({});
    timePassed();
  }

  const stopClock = clock.onJump(recheck);
  return {
    store,
    learn,
    knows: () => knowledge,
    close() {
      closed = true;
      stopClock();
      clearTimeout(changeTimer);
      store.close();
    },
  };
}

/** What is new to the person, and who wants to hear of it. */
function createAnnouncing() {
  type Listener = (fresh: readonly Notification[]) => void;
  const listeners = new Set<Listener>();
  return {
    news: createNews(),
    tell(fresh: readonly Notification[]) {
      for (const listener of [...listeners]) listener(fresh);
    },
    listen(listener: Listener) {
      const own: Listener = fresh => listener(fresh);
      listeners.add(own);
      return () => listeners.delete(own);
    },
    close: () => listeners.clear(),
  };
}
