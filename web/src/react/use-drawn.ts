import { type RefObject, useEffect, useState } from "react";
import { flushSync } from "react-dom";

const portion = 25; // rows; twice what the centre shows

/**
 * How many rows of a feed are drawn: a portion, and another one whenever the reader comes near the last of them. What is drawn
 * stays, for find-in-page and screen readers; the style sheet has the browser lay out and paint only what is in sight.
 */
export function useDrawn(feed: RefObject<HTMLElement | null>, length: number) {
  const [drawn, setDrawn] = useState(portion);
  useEffect(() => {
    const last = feed.current?.lastElementChild;
    if (!last || drawn >= length) return;
    const near = { root: last.closest(".td-scroll"), rootMargin: "100%" };
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setDrawn(drawn + portion), near);
    observer.observe(last);
    return () => observer.disconnect();
  });
  return {
    drawn,
    /** Has the row at that index drawn, if it is not yet. */
    draw(index: number) {
      if (index >= drawn) flushSync(() => setDrawn(index + portion));
    },
  };
}
