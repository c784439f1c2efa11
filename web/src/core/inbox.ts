import type { FirebaseApp } from "firebase/app";
import { mergeById, nextReturn } from "./arrange";
import { afterFirstPaint, watchOnline } from "./browser";
import { type Clock, systemClock } from "./clock";
import { type InboxUser, keepListening } from "./connection";
import type { MarkResult } from "./feed";
import type { Notification } from "./model";
import { derive, type InboxSnapshot, type Knowledge, knowsNothing } from "./snapshot";
import { createStore, type Readable } from "./store";

export interface InboxOptions {
  /** The app that `user` is signed in with. */
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** The system's time unless given. */
  readonly clock?: Clock;
}

/**
 * One person's open inbox. Marks show at once; each promise settles when the server has answered, which offline is after
 * the network has come back. It answers "moved-on" where the item had changed in the meantime and stays as it is.
 */
export interface Inbox extends Readable<InboxSnapshot> {
  readonly clock: Clock;
  /** The items have been on the person's screen. Each is marked once per revision, however often this is called. */
  markSeen(ids: readonly string[]): Promise<readonly MarkResult[]>;
  markRead(id: string): Promise<MarkResult>;
  /** Marks what is listed and unread, low priority included. */
  markAllRead(): Promise<readonly MarkResult[]>;
  /** After an error: tries again now instead of when the back-off ends. */
  retry(): void;
  /** Ends the listener and all timers and forgets all subscribers. The inbox is of no use afterwards. */
  close(): void;
}

const longestTimer = 2 ** 31 - 1; // ms; a longer one would fire at once

/** Opens the inbox of the signed-in person. Firestore is loaded after the first paint. Close it on sign-out. */
export function openInbox({ app, user, clock = systemClock }: InboxOptions): Inbox {
  const store = createStore<InboxSnapshot>(derive(knowsNothing, clock.now(), null));
  const loadFeed = loadOnce(() => afterFirstPaint().then(() => import("./feed")));
  const seenOnce = new Map<string, number>(); // id → the revision that was marked as seen
  let knowledge: Knowledge = knowsNothing;
  let snoozeTimer: ReturnType<typeof setTimeout> | undefined;

  function learn(news: Partial<Knowledge>) {
    knowledge = { ...knowledge, ...news };
    const now = clock.now();
    store.set(derive(knowledge, now, store.getSnapshot()));
    clearTimeout(snoozeTimer);
    const next = nextReturn(knowledge.held.values(), now);
    if (next !== null) snoozeTimer = setTimeout(() => learn({}), Math.min(next - now, longestTimer));
  }

  async function markItem(item: Notification, as: "seen" | "read"): Promise<MarkResult> {
    const { mark } = await loadFeed();
    return mark(app, user.uid, item, as);
  }

  const stopWatching = watchOnline(online => learn({ online }));
  const stopClock = clock.onJump(() => learn({}));
  const connection = keepListening(app, user, loadFeed, {
    items(items, fromCache) {
      learn({
        held: mergeById(knowledge.held, items),
        loaded: knowledge.loaded || !fromCache || items.length > 0,
        live: !fromCache,
        error: fromCache ? knowledge.error : null,
      });
    },
    trouble: error => learn({ live: false, error }),
  });

  return {
    clock,
    getSnapshot: store.getSnapshot,
    subscribe: store.subscribe,
    markSeen(ids) {
      const fresh = store.getSnapshot().notifications.filter(item => {
        const due = ids.includes(item.id) && item.seenAt === null && seenOnce.get(item.id) !== item.revision;
        if (due) seenOnce.set(item.id, item.revision);
        return due;
      });
      return Promise.all(fresh.map(item => markItem(item, "seen")));
    },
    async markRead(id) {
      const item = knowledge.held.get(id);
      return item && item.readAt === null ? markItem(item, "read") : "stored";
    },
    markAllRead() {
      const unread = store.getSnapshot().notifications.filter(item => item.readAt === null);
      return Promise.all(unread.map(item => markItem(item, "read")));
    },
    retry() {
      if (knowledge.error !== null) connection.retry();
    },
    close() {
      connection.close();
      stopWatching();
      stopClock();
      clearTimeout(snoozeTimer);
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
