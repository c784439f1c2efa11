import type { OpenList, openList } from "./list";
import { emptyListing, type Listing } from "./list";
import type { Notification } from "./model";
import type { ListSnapshot } from "./snapshot";
import { createStore, type Readable } from "./store";

/** A list that is listened to, and paid for, only while somebody is subscribed. */
export interface LazyList extends Readable<ListSnapshot> {
  loadMore(): void;
}

export interface OwnedLazyList extends LazyList {
  find(id: string): Notification | undefined;
  retry(): void;
  close(): void;
}

export function createLazyList(
  open: (tell: Parameters<typeof openList>[2]) => OpenList,
  derive: (listing: Listing) => ListSnapshot,
): OwnedLazyList {
  const store = createStore<ListSnapshot>(derive(emptyListing));
  let held = emptyListing.held;
  let list: OpenList | null = null;
  let listeners = 0;
  const close = () => {
    list?.close();
    list = null;
  };
  return {
    getSnapshot: store.getSnapshot,
    subscribe(listener) {
      listeners++;
      list ??= open(listing => {
        held = listing.held;
        store.set(derive(listing));
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
    find: id => held.get(id),
    loadMore: () => list?.more(),
    retry: () => list?.retry(),
    close() {
      close();
      store.close();
    },
  };
}
