import { mergeById } from "./arrange";
import { closePage, followEnds, itemsOf, type OpenPage, takeIn } from "./chain";
import { type InboxUser, keepListening } from "./connection";
import type { Notification } from "./model";
import type { Cursor, InboxError, ListenToPage, Page } from "./page";

/** All pages of one list that are open, as one. */
export interface Listing {
  readonly held: ReadonlyMap<string, Notification>;
  /** False until the cache or the server has answered once. */
  readonly loaded: boolean;
  /** Whether the first page's last answer came from the server. */
  readonly live: boolean;
  readonly hasMore: boolean;
  readonly error: InboxError | null;
}

export const emptyListing: Listing = { held: new Map(), loaded: false, live: false, hasMore: false, error: null };

export interface OpenList {
  /** Opens the next page. Nothing happens while the one before is still loading, or if it was the last. */
  more(): void;
  /** Begins all listeners anew, now. What they hold stays until they have another answer. */
  retry(): void;
  close(): void;
}

const settling = 2000; // ms; a busy list moves its page ends with every item

/**
 * Opens the first page of a list. `changed` is called with each change of what the open pages hold. When a page comes to end
 * elsewhere, because something new has pushed its last items out, the one after it begins anew from there. What that held
 * stays until its successor has an answer.
 */
export function openList(
  user: InboxUser,
  load: () => Promise<ListenToPage>,
  changed: (listing: Listing) => void,
): OpenList {
  const pages: OpenPage[] = [];
  let listing = emptyListing;
  let answers = 0;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;

  function update(news: Partial<Listing>) {
    const held = mergeById(listing.held, itemsOf(pages));
    listing = { ...listing, held, hasMore: Boolean(pages.at(-1)?.page?.next), ...news };
    changed(listing);
  }

  function open(after: Cursor | null): OpenPage {
    const start = async () => {
      const listen = await load();
      return (observer: Parameters<ListenToPage>[1]) => listen(after, observer);
    };
    const connection = keepListening(user, start, {
      page: page => answered(opened, page),
      // Older pages are an extra: what is shown of them stays, and they try again by themselves.
      trouble: error => opened === pages[0] && update({ live: false, error }),
    });
    const opened: OpenPage = { connection, after, page: null, overhang: [], answeredAt: 0, successor: null };
    return opened;
  }

  function answered(opened: OpenPage, page: Page) {
    if (!takeIn(pages, opened, page, ++answers)) return;
    clearTimeout(settleTimer);
    settleTimer = setTimeout(() => followEnds(pages, open) && update({}), settling);
    if (opened !== pages[0]) return update({});
    const { fromCache, items } = page;
    const loaded = listing.loaded || !fromCache || items.length > 0;
    update({ loaded, live: !fromCache, error: fromCache ? listing.error : null });
  }

  pages.push(open(null));
  return {
    more() {
      const end = pages.at(-1)?.page?.next;
      if (end) pages.push(open(end));
    },
    retry() {
      for (const { connection, successor } of pages) {
        connection.retry();
        successor?.connection.retry();
      }
    },
    close() {
      clearTimeout(settleTimer);
      for (const page of pages.splice(0)) closePage(page);
    },
  };
}
