/** Marks a whole list, also what the inbox does not hold: page by page, in the background. */
import type { Database } from "./database";
import type { MarkResult } from "./marks";
import type { Notification } from "./model";
import type { Cursor } from "./page";

export interface SweepParts {
  /** What the inbox holds of the list: marked first, so that it shows at once. */
  readonly first: readonly Notification[];
  /** What has changed later came after the press, and is left alone. */
  readonly newest: number;
  readonly list: "recent" | "unread";
  /** Whether the list has more than that. */
  readonly hasMore: boolean;
  /** Whether there is something to mark about the item. */
  readonly wanted: (item: Notification) => boolean;
  readonly apply: (items: readonly Notification[]) => Promise<readonly MarkResult[]>;
  readonly database: Database;
  readonly isOnline: () => boolean;
  readonly isStopped: () => boolean;
}

const mostPages = 1000; // an inbox of 100,000
const look = 1000; // ms between two looks whether the network is back

/**
 * Settles when the server has answered all marks. Costs a read for each item of the list beyond what is held. Without a
 * network it marks what the cache has, and goes on when the network is back, as long as the page is there.
 */
export async function sweep(parts: SweepParts): Promise<readonly MarkResult[]> {
  const { first, newest, list, hasMore, wanted, apply, database, isOnline, isStopped } = parts;
  const met = new Set(first.map(({ id }) => id));
  const results = [apply(first)];
  let after: Cursor | null = null;
  for (let pages = 0; hasMore && pages < mostPages && !isStopped(); pages++) {
    // Offline, a mark is answered when the network is back; the cache shows it at once.
    if (isOnline()) await results.at(-1);
    const page = await database.readPage(list, after);
    const items = page.items.filter(item => !met.has(item.id) && item.updatedAt <= newest && wanted(item));
    for (const { id } of items) met.add(id);
    if (!isStopped()) results.push(apply(items));
    after = page.next;
    if (after !== null) continue;
    if (!page.fromCache) break;
    while (!isOnline() && !isStopped()) await new Promise<void>(resolve => setTimeout(resolve, look));
  }
  return (await Promise.all(results)).flat();
}
