import type { Clock } from "./clock";
import type { InboxUser } from "./connection";
import type { Database } from "./database";
import { emptyListing, type Listing, type OpenList, openList } from "./list";
import type { InboxLists } from "./lists";
import type { Notification } from "./model";
import { deriveList, type ListSnapshot } from "./snapshot";
import { createStore, type Readable } from "./store";

/** A list that is listened to, and paid for, only while somebody is subscribed. */
export interface LazyList extends Readable<ListSnapshot> {
  loadMore(): void;
}

export interface OwnedLazyList extends LazyList {
  find(id: string): Notification | undefined;
  /** What is announced may have changed. */
  refresh(): void;
  retry(): void;
  close(): void;
}

export function createLazyList(
  user: InboxUser,
  database: Database,
  name: "archive" | "snoozed",
  clock: Clock,
  inbox: () => Pick<InboxLists, "announced">,
): OwnedLazyList {
  const derive = (listing: Listing) => deriveList(listing, name, clock.now(), inbox().announced.values());
  const store = createStore<ListSnapshot>(derive(emptyListing));
  let known = emptyListing;
  let list: OpenList | null = null;
  let listeners = 0;

  function open() {
    return openList(user, database.pages(name), show);
  }

  function show(listing: Listing) {
    known = listing;
    store.set(derive(listing));
  }

  function close() {
    list?.close();
    list = null;
  }

  return {
    getSnapshot: store.getSnapshot,
    subscribe(listener) {
      listeners++;
      list ??= open();
      const stop = store.subscribe(listener);
      let stopped = false;
      return () => {
        if (stopped) return;
        stopped = true;
        stop();
        if (--listeners === 0) close();
      };
    },
    find: id => known.held.get(id),
    refresh() {
      if (list) show(known);
    },
    loadMore: () => list?.more(),
    retry: () => list?.retry(),
    close() {
      close();
      store.close();
    },
  };
}
