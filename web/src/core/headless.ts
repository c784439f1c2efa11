import { showAhead } from "./ahead";
import { isListed } from "./arrange";
import { type Attention, watchAttention } from "./attention";
import type { Clock } from "./clock";
import type { Environment } from "./environment";
import { watchHealth } from "./health";
import type { Inbox, InboxOptions } from "./inbox";
import { createLateMarker } from "./late-marker";
import { createLatePreferences } from "./late-preferences";
import { createLazyList } from "./lazy-list";
import { openLists } from "./lists";
import type { Notification } from "./model";
import { createNews } from "./news";
import { createNotices } from "./notice";
import { openDatabase } from "./open-database";
import { serverClock } from "./server-clock";
import { createState, type State } from "./state";
import { createToaster } from "./toaster";

/** Opens the inbox in any place that has an {@link Environment}. Nothing that this file imports knows a browser. */
export function openHeadlessInbox(options: Omit<InboxOptions, "environment">, environment: Environment): Inbox {
  const parts = assemble(options, environment);
  const { clock, state, notices, toaster, news, lists, archived, snoozed, preferences, marker, attention, close } =
    parts;
  return {
    uid: options.user.uid,
    clock,
    archived,
    snoozed,
    preferences: preferences.load,
    getSnapshot: state.getSnapshot,
    subscribe: state.subscribe,
    markSeen: marker.seen,
    markRead: id => marker.mark(id, "read"),
    markOpened: id => marker.mark(id, "follow"),
    markUnread: id => marker.mark(id, "unread"),
    markAllRead: () => marker.markAll("read"),
    archive: id => marker.mark(id, "archive"),
    unarchive: id => marker.mark(id, "unarchive"),
    archiveAll: () => marker.markAll("archive"),
    snooze: (id, until) => marker.mark(id, { snoozeUntil: until }),
    act: marker.act,
    undo: notices.undo,
    dismissNotice: () => notices.dismiss(),
    holdNotice: (held, reason = "held") => notices.pause(reason, held),
    loadMore: (what = "recent") => lists.more(what),
    dismissToast: id => attention.dismiss([id]),
    dismissToasts: () => attention.dismiss(toaster.queue.map(({ id }) => id)),
    paceToasts: toaster.pace,
    holdToasts: (held, reason = "held") => toaster.pause(reason, held),
    onNews: news.listen,
    retry() {
      if (state.knowledge().recent.error !== null) lists.retry();
    },
    close,
    forget() {
      close();
      return parts.database.forget();
    },
  };
}

/** Makes the parts of an inbox, and gives each what it needs of the others. */
function assemble(options: Omit<InboxOptions, "environment">, environment: Environment) {
  const { app, user, clock: given } = options;
  const database = showAhead(openDatabase(options, environment.painted), () => clock.now());
  const ownClock = serverClock(database);
  const clock = given ?? ownClock;
  const state = createState(clock, () => toaster.refresh(state.knowledge().held, clock.now()));
  const notices = createNotices(() => state.learn({ notice: notices.current }));
  const toaster = createToaster(() => state.learn({ toastQueue: toaster.queue }));
  const news = createNews();
  const lists = openLists(user, database, listed => {
    state.learn(listed);
    archived.refresh();
    snoozed.refresh();
    toaster.refresh(listed.held, clock.now());
    marker.answered(listed.recent.live);
    if (!listed.recent.live) return;
    health.confirm();
    if (!given) ownClock.check();
    toaster.add(news.take(listed.own.values()), clock.now());
    if (listed.isTold) toaster.add(news.take(listed.announced.values(), "told"), clock.now());
  });
  const archived = createLazyList(user, database, "archive", clock, state.knowledge);
  const snoozed = createLazyList(user, database, "snoozed", clock, state.knowledge);
  const { watchOnline } = environment;
  const preferences = createLatePreferences({ user, database, inbox: state.knowledge, notices, clock, watchOnline });
  const all = [lists, archived, snoozed, preferences];
  const health = watchHealth({
    database,
    ready: () => state.knowledge().online && state.knowledge().recent.loaded,
    isHidden: () => attention.isHidden(),
    restart: () => all.forEach(list => void list.retry()),
    hopeless: () => state.learn({ ended: { code: "ended", message: "Firestore has ended itself. Reload the page." } }),
  });
  const find = (id: string) => state.knowledge().held.get(id) ?? archived.find(id) ?? snoozed.find(id);
  const channel = `tidings ${app.options?.projectId ?? ""} ${user.uid}`;
  const attention: Attention = watchAttention({ environment, channel, find, notices, toaster, news, health });
  const stopOnline = environment.watchOnline(online => state.learn({ online }));
  const marker = createLateMarker({ database, notices, find, ...viewOf(state, clock), now: clock.now });
  return {
    database,
    clock,
    state,
    notices,
    toaster,
    news,
    lists,
    archived,
    snoozed,
    preferences,
    marker,
    attention,
    close() {
      stopOnline();
      for (const part of [...all, attention, health, toaster, notices, state, news]) part.close();
    },
  };
}

/** What the marks have to know of the state. */
function viewOf(state: State, clock: Clock) {
  return {
    isListed: (item: Notification) => isListed(item, clock.now()),
    listed: () => state.getSnapshot().notifications,
    newest: () => state.knowledge().newest,
    hasMore(list: "recent" | "unread") {
      const { recent, unread } = state.knowledge();
      // While everything is held, what is unread is not listened to by itself.
      return list === "unread" && unread.loaded ? unread.hasMore : recent.hasMore;
    },
    isOnline: () => state.knowledge().online,
  };
}
