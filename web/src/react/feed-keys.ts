import type { KeyboardEvent } from "react";

/** Where a key leads from row `at` of `length`; undefined for a key that does not walk. */
export function stepOf(key: string, at: number, length: number): number | undefined {
  return {
    j: at + 1,
    k: at - 1,
    ArrowDown: at + 1,
    PageDown: at + 1,
    ArrowUp: at - 1,
    PageUp: at - 1,
    Home: 0,
    End: length - 1,
  }[key];
}

const focusable = "a[href], button:not(:disabled), input, select, [tabindex]";

/** To the first thing after the feed, or the last one before it. */
export function leaveFeed(event: KeyboardEvent<HTMLElement>, forward: boolean) {
  const feed = event.currentTarget;
  const all = [...document.querySelectorAll<HTMLElement>(focusable)].filter(
    element => element.tabIndex >= 0 && element.getClientRects().length > 0 && !feed.contains(element),
  );
  const mask = forward ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  const beyond = all.filter(element => feed.compareDocumentPosition(element) & mask);
  const next = forward ? beyond[0] : beyond.at(-1);
  if (!next) return;
  event.preventDefault();
  next.focus();
}
