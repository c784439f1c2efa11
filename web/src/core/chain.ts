/** The open pages of one list: a chain of bounded listeners, each of which begins where the one before ends. */
import type { Connection } from "./connection";
import type { Notification } from "./model";
import type { Cursor, Page } from "./page";

/** One place in the chain: the listener that fills it, and what it holds. */
export interface OpenPage {
  readonly connection: Connection;
  /** What it begins after; null for the first one. */
  readonly after: Cursor | null;
  page: Page | null;
  /** What a new item has pushed beyond the page's end, and the next page does not have yet. */
  overhang: readonly Notification[];
  /** Of two pages that hold an item, the one that was answered later is right. */
  answeredAt: number;
  /** The listener from the new place of the end before, until it has an answer. */
  successor: OpenPage | null;
}

/** The pages take in what a listener holds now. Returns false where that changes nothing yet. */
export function takeIn(pages: OpenPage[], opened: OpenPage, page: Page, answeredAt: number): boolean {
  opened.overhang = pages.at(-1) === opened ? [] : [...opened.overhang, ...pushedOut(opened.page, page)];
  opened.page = page;
  opened.answeredAt = answeredAt;
  return pages.includes(opened) || takeOver(pages, opened);
}

/** All items of all pages; where two pages hold an item, the right one comes last. */
export function itemsOf(pages: readonly OpenPage[]): readonly Notification[] {
  const inOrder = [...pages].sort((a, b) => a.answeredAt - b.answeredAt);
  return [...inOrder.flatMap(({ overhang }) => overhang), ...inOrder.flatMap(({ page }) => page?.items ?? [])];
}

/**
 * Where the end of a page has moved, the page after it begins anew; after the list's last page there is none. Returns
 * whether the chain has become shorter.
 */
export function followEnds(pages: OpenPage[], open: (after: Cursor) => OpenPage): boolean {
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

export function closePage({ connection, successor }: OpenPage) {
  connection.close();
  successor?.connection.close();
}

/** A successor has an answer: it takes its place in the chain. An empty cache is no answer. */
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

/** What stood behind the present last item, and is not on the page any more: it was pushed out, not archived. */
function pushedOut(before: Page | null, now: Page): readonly Notification[] {
  const last = now.items.at(-1);
  if (!before || !last || !now.next) return [];
  const place = before.items.findIndex(({ id }) => id === last.id);
  if (place < 0) return [];
  const ids = new Set(now.items.map(({ id }) => id));
  return before.items.slice(place + 1).filter(({ id }) => !ids.has(id));
}
