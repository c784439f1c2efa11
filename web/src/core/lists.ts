/** What an inbox listens to for as long as it is open, as one set of items: two lists of the person's, and what everybody is told. */
import { countUnread, mergeById } from "./arrange";
import { type InboxUser, keepListening } from "./connection";
import type { Database } from "./database";
import { emptyListing, type Listing, type OpenList, openList } from "./list";
import type { AnnouncedPage } from "./page";

export interface InboxLists {
  readonly recent: Listing;
  readonly unread: Listing;
  /** Both together. Of two that hold an item, the one that spoke later is right. */
  readonly own: Listing["held"];
  /** The announcements, also those that are archived. */
  readonly announced: Listing["held"];
  /** Whether the server has said what is announced. */
  readonly isTold: boolean;
  /** `own` and `announced` together. */
  readonly held: Listing["held"];
  /** When the newest item of `own` that there ever was last changed; 0 if there was none. What is newer is not known here yet. */
  readonly newest: number;
}

export interface OpenLists {
  /** The next older items; "unread" brings those that are unread, which may be much older. */
  more(what: "recent" | "unread"): void;
  retry(): void;
  close(): void;
}

const { held: none } = emptyListing;

export const noLists: InboxLists = {
  recent: emptyListing,
  unread: emptyListing,
  own: none,
  announced: none,
  isTold: false,
  held: none,
  newest: 0,
};

const enough = 100; // unread ones that count: "99+"
const mostPages = 10; // opened without being asked; what is snoozed is unread, too, and does not count

/**
 * Listens to what is recent; and as soon as that fills a page, so that there may be older items that are unread, to what is
 * unread, too. So an inbox of up to a hundred items costs one read per item and change, and in a larger one an unread item
 * costs two.
 */
export function openLists(user: InboxUser, database: Database, changed: (lists: InboxLists) => void): OpenLists {
  let lists = noLists;
  let unread: OpenList | null = null;
  let opened = 0;

  function update(news: Partial<InboxLists>) {
    lists = { ...lists, ...news };
    const [earlier, later] = news.unread ? [lists.recent, lists.unread] : [lists.unread, lists.recent];
    const own = mergeById(lists.own, [...earlier.held.values(), ...later.held.values()]);
    const newest = [...own.values()].reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), lists.newest);
    // Alone they would look like the whole inbox.
    const held = lists.recent.loaded ? new Map([...own, ...lists.announced]) : own;
    lists = { ...lists, own, held, newest };
    if (lists.recent.hasMore) listenToUnread();
    changed(lists);
  }

  function listenToUnread() {
    if (unread === null) {
      unread = openList(user, database.pages("unread"), listing => update({ unread: listing }));
      open.push(unread);
    } else if (lists.unread.hasMore && opened < mostPages && countUnread([...lists.held.values()]) < enough) {
      opened++;
      unread.more();
    }
  }

  const recent = openList(user, database.pages("recent"), listing => update({ recent: listing }));
  const announcements = keepListening<AnnouncedPage>(user, database.announcements, {
    page: ({ items, fromCache }) => update({ announced: mergeById(lists.announced, items), isTold: !fromCache }),
    trouble: () => {}, // it goes on trying; the inbox is complete without them
  });
  const open: Pick<OpenList, "retry" | "close">[] = [recent, announcements];
  return {
    more(what) {
      if (what === "unread" && unread && lists.unread.hasMore) unread.more();
      else recent.more();
    },
    retry() {
      for (const one of open) one.retry();
    },
    close() {
      for (const one of open) one.close();
    },
  };
}
