/** The two lists that an inbox listens to for as long as it is open, as one set of items. */
import { countUnread, mergeById } from "./arrange";
import type { InboxUser } from "./connection";
import type { Database } from "./database";
import { emptyListing, type Listing, type OpenList, openList } from "./list";

export interface InboxLists {
  readonly recent: Listing;
  readonly unread: Listing;
  /** Both together. Of two that hold an item, the one that spoke later is right. */
  readonly held: Listing["held"];
  /** When the newest item that either has ever held last changed; 0 if there was none. What is newer is not known here yet. */
  readonly newest: number;
}

export interface OpenLists {
  /** The next older items; "unread" brings those that are unread, which may be much older. */
  more(what: "recent" | "unread"): void;
  retry(): void;
  close(): void;
}

const enough = 100; // unread ones that count: "99+"
const mostPages = 10; // opened without being asked; what is snoozed is unread, too, and does not count

/**
 * Listens to what is recent; and as soon as that fills a page, so that there may be older items that are unread, to what is
 * unread, too. So an inbox of up to a hundred items costs one read per item and change, and in a larger one an unread item
 * costs two.
 */
export function openLists(user: InboxUser, database: Database, changed: (lists: InboxLists) => void): OpenLists {
  let lists: InboxLists = { recent: emptyListing, unread: emptyListing, held: emptyListing.held, newest: 0 };
  let unread: OpenList | null = null;
  let opened = 0;

  function update(news: Partial<InboxLists>) {
    lists = { ...lists, ...news };
    const [earlier, later] = news.unread ? [lists.recent, lists.unread] : [lists.unread, lists.recent];
    const held = mergeById(lists.held, [...earlier.held.values(), ...later.held.values()]);
    const newest = [...held.values()].reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), lists.newest);
    lists = { ...lists, held, newest };
    if (lists.recent.hasMore) listenToUnread();
    changed(lists);
  }

  function listenToUnread() {
    if (unread === null) unread = openList(user, database.pages("unread"), listing => update({ unread: listing }));
    else if (lists.unread.hasMore && opened < mostPages && countUnread([...lists.held.values()]) < enough) {
      opened++;
      unread.more();
    }
  }

  const recent = openList(user, database.pages("recent"), listing => update({ recent: listing }));
  return {
    more(what) {
      if (what === "unread" && unread && lists.unread.hasMore) unread.more();
      else recent.more();
    },
    retry() {
      recent.retry();
      unread?.retry();
    },
    close() {
      recent.close();
      unread?.close();
    },
  };
}
