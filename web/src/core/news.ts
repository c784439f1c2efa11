/** Which of the items that arrive are news to the person, as against what was there when they came. */
import { createListeners } from "./listeners";
import type { Notification } from "./model";

export interface News {
  /**
   * Takes in `items`, the server's word about one of the kinds; returns those that are new since the last call for that kind, and
   * calls the listeners with them. At the first call, and at the first after `forget`, nothing is new.
   */
  take(items: Iterable<Notification>, kind?: "own" | "told"): readonly Notification[];
  /** The person was away: what comes next is the state that they find, and no news. */
  forget(): void;
  /** Calls `listener` with all news from now on. Returns the function that ends it. */
  listen(listener: (news: readonly Notification[]) => void): () => void;
  close(): void;
}

/** The functions' machines may differ by so much; an item that is older than that was only moved up by the list's bound. */
const skew = 60_000; // ms

export function createNews(): News {
  const known = new Map<string, number>(); // id → the latest revision, also of what is not listed any more
  const listeners = createListeners<readonly Notification[]>();
  const newest = new Map<string, number>(); // by kind: when the newest item last changed; not there before the first call
  return {
    take(items, kind = "own") {
      const before = newest.get(kind);
      let latest = before ?? 0;
      const fresh = [...items].filter(item => {
        const isNew = item.revision > (known.get(item.id) ?? -1);
        if (isNew) known.set(item.id, item.revision);
        latest = Math.max(latest, item.updatedAt);
        return isNew && before !== undefined && item.seenAt === null && item.updatedAt > before - skew;
      });
      newest.set(kind, latest);
      if (fresh.length > 0) listeners.call(fresh);
      return fresh;
    },
    forget() {
      newest.clear();
    },
    listen: listeners.add,
    close: listeners.clear,
  };
}
