import { mergeById } from "./arrange";
import { type Connection, type InboxUser, keepListening } from "./connection";
import type { Cursor, FeedObserver, Page } from "./feed";
import type { Notification } from "./model";
import type { InboxError } from "./snapshot";

/** All pages of one list that are open, as one. */
export interface Listing {
  readonly held: ReadonlyMap<string, Notification>;
  /** False until the cache or the server has answered once. */
  readonly loaded: boolean;
  /** Whether the first page's last word came from the server. */
  readonly live: boolean;
  readonly hasMore: boolean;
  readonly error: InboxError | null;
}

export const emptyListing: Listing = { held: new Map(), loaded: false, live: false, hasMore: false, error: null };

export interface OpenList {
  /** Opens the next page. Nothing happens while the one before is still loading, or if it was the last. */
  more(): void;
  /** Tries again now what has failed. */
  retry(): void;
  close(): void;
}

export type ListenToPage = (after: Cursor | null, observer: FeedObserver) => () => void;

interface OpenPage {
  connection: Connection;
  /** What it began after; null for the first one. */
  after: Cursor | null;
  page: Page | null;
}

const settling = 2000; // ms; a busy list moves its page ends with every item

/**
 * A list as a chain of pages, each a bounded listener that begins where the one before ends. When a page comes to end
 * elsewhere, because something new has pushed its last items out, the pages after it begin anew.
 */
export function openList(
  user: InboxUser,
  load: () => Promise<ListenToPage>,
  tell: (listing: Listing) => void,
): OpenList {
  let pages: OpenPage[] = [];
  let listing = emptyListing;
  let mendTimer: ReturnType<typeof setTimeout> | undefined;

  function update(news: Partial<Listing>) {
    const items = pages.flatMap(({ page }) => page?.items ?? []);
    const last = pages.at(-1)?.page;
    listing = { ...listing, held: mergeById(listing.held, items), hasMore: Boolean(last?.next), ...news };
    tell(listing);
  }

  function open(after: Cursor | null) {
    const index = pages.length;
    const opened: OpenPage = { after, page: null, connection: { retry() {}, close() {} } };
    pages.push(opened);
    opened.connection = keepListening(
      user,
      async () => {
        const listen = await load();
        return observer => listen(after, observer);
      },
      {
        page(page) {
          opened.page = page;
          clearTimeout(mendTimer);
          mendTimer = setTimeout(mend, settling);
          if (index > 0) return update({});
          const { fromCache, items } = page;
          update({
            loaded: listing.loaded || !fromCache || items.length > 0,
            live: !fromCache,
            error: fromCache ? listing.error : null,
          });
        },
        // Older pages are an extra: what is shown of them stays, and they try again by themselves.
        trouble: error => index === 0 && update({ live: false, error }),
      },
    );
  }

  function mend() {
    for (let index = 1; index < pages.length; index++) {
      const end = pages[index - 1]?.page?.next;
      if (end?.key === pages[index]?.after?.key) continue;
      const lost = pages.splice(index);
      for (const { connection } of lost) connection.close();
      if (end) open(end);
      return update({});
    }
  }

  open(null);
  return {
    more() {
      const end = pages.at(-1)?.page?.next;
      if (end) open(end);
    },
    retry: () => pages.forEach(page => void page.connection.retry()),
    close() {
      clearTimeout(mendTimer);
      for (const { connection } of pages) connection.close();
      pages = [];
    },
  };
}
