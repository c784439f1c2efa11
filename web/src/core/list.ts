import { mergeById } from "./arrange";
import { type Connection, type InboxUser, keepListening } from "./connection";
import type { Notification } from "./model";
import type { Cursor, InboxError, ListenToPage, Page } from "./page";

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
  /** Begins all listeners anew, now. What they have told stays until they tell something else. */
  retry(): void;
  close(): void;
}

/** One place in the chain: the listener that fills it, and what it has told. */
interface OpenPage {
  readonly connection: Connection;
  /** What it began after; null for the first one. */
  readonly after: Cursor | null;
  page: Page | null;
  /** What a new item has pushed beyond the page's end, and the next page does not have yet. */
  overhang: readonly Notification[];
  /** Of two pages that hold an item, the one that spoke later is right. */
  spokeAt: number;
  /** The listener from the new place of the end before, until it has answered. */
  successor: OpenPage | null;
}

const settling = 2000; // ms; a busy list moves its page ends with every item

/**
 * A list as a chain of pages, each a bounded listener that begins where the one before ends. When a page comes to end
 * elsewhere, because something new has pushed its last items out, the one after it begins anew from there, and what it has
 * told stays until its successor has answered; that one's end may have moved, too, and so on.
 */
export function openList(
  user: InboxUser,
  load: () => Promise<ListenToPage>,
  tell: (listing: Listing) => void,
): OpenList {
  const pages: OpenPage[] = [];
  let listing = emptyListing;
  let spoken = 0;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;

  function update(news: Partial<Listing>) {
    const inOrder = [...pages].sort((a, b) => a.spokeAt - b.spokeAt);
    const items = [...inOrder.flatMap(({ overhang }) => overhang), ...inOrder.flatMap(({ page }) => page?.items ?? [])];
    listing = { ...listing, held: mergeById(listing.held, items), hasMore: Boolean(pages.at(-1)?.page?.next), ...news };
    tell(listing);
  }

  function open(after: Cursor | null): OpenPage {
    const connection = keepListening(
      user,
      async () => {
        const listen = await load();
        return observer => listen(after, observer);
      },
      {
        page: page => arrived(opened, page),
        // Older pages are an extra: what is shown of them stays, and they try again by themselves.
        trouble: error => opened === pages[0] && update({ live: false, error }),
      },
    );
    const opened: OpenPage = { connection, after, page: null, overhang: [], spokeAt: 0, successor: null };
    return opened;
  }

  function arrived(opened: OpenPage, page: Page) {
    opened.overhang = pages.at(-1) === opened ? [] : [...opened.overhang, ...pushedOut(opened.page, page)];
    opened.page = page;
    opened.spokeAt = ++spoken;
    if (!pages.includes(opened) && !takeOver(pages, opened)) return;
    clearTimeout(settleTimer);
    settleTimer = setTimeout(settle, settling);
    if (opened !== pages[0]) return update({});
    const { fromCache, items } = page;
    update({
      loaded: listing.loaded || !fromCache || items.length > 0,
      live: !fromCache,
      error: fromCache ? listing.error : null,
    });
  }

  /** Where the end of a page has moved, the page after it begins anew; after the list's last page there is none. */
  function settle() {
    if (followEnds(pages, open)) update({});
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

/** A successor has answered: it takes its place in the chain. An empty cache is no answer. */
function takeOver(pages: OpenPage[], successor: OpenPage): boolean {
  const index = pages.findIndex(page => page.successor === successor);
  const [before, replaced] = [pages[index - 1], pages[index]];
  const { page } = successor;
  if (!replaced || !page || (page.fromCache && page.items.length === 0)) return false;
  if (index < pages.length - 1) successor.overhang = [...replaced.overhang, ...pushedOut(replaced.page, page)];
  replaced.connection.close();
  pages[index] = successor;
  if (before) before.overhang = [];
  return true;
}

/** Opens a successor of each page whose place has moved. Answers whether the chain has become shorter. */
function followEnds(pages: OpenPage[], open: (after: Cursor) => OpenPage): boolean {
  for (let index = 1; index < pages.length; index++) {
    const end = pages[index - 1]?.page?.next;
    if (!end) {
      for (const page of pages.splice(index)) closePage(page);
      const last = pages.at(-1);
      if (last) last.overhang = [];
      return true;
    }
    const opened = pages[index];
    if (!opened || end.key === (opened.successor ?? opened).after?.key) continue;
    opened.successor?.connection.close();
    opened.successor = open(end);
  }
  return false;
}

function closePage({ connection, successor }: OpenPage) {
  connection.close();
  successor?.connection.close();
}

/** What stood behind the present last item, and is not on the page any more: it was pushed out, not archived. */
function pushedOut(before: Page | null, now: Page): readonly Notification[] {
  const last = now.items.at(-1);
  if (!before || !last || !now.next) return [];
  const place = before.items.findIndex(({ id }) => id === last.id);
  if (place < 0) return [];
  const ids = new Set(now.items.map(({ id }) => id));
  return before.items.slice(place + 1).filter(({ id }) => !ids.has(id));
}
