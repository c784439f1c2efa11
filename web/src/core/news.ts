/** Which of the items that arrive are news to the person, as against what was there when they came: pure but for its memory. */
import type { Notification } from "./model";

export interface News {
  /** What of `items`, the server's word, is new since the last call. Nothing is at the first one, nor after `forget`. */
  of(items: readonly Notification[]): readonly Notification[];
  /** The person was away: what comes next is the state they find, not news. */
  forget(): void;
}

/** The functions' machines may differ by so much; an item that is older than that was only moved up by the list's bound. */
const skew = 60_000; // ms

export function createNews(): News {
  const known = new Map<string, number>(); // id → the latest revision, also of what is not listed any more
  let newest = 0;
  let arrived = false;
  return {
    of(items) {
      const isFirst = !arrived;
      const before = newest;
      arrived = true;
      return items.filter(item => {
        const isNew = item.revision > (known.get(item.id) ?? -1);
        if (isNew) known.set(item.id, item.revision);
        newest = Math.max(newest, item.updatedAt);
        return isNew && !isFirst && item.seenAt === null && item.updatedAt > before - skew;
      });
    },
    forget() {
      arrived = false;
    },
  };
}
