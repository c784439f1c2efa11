import { useEffect, useRef } from "react";
import type { Notification } from "../core";

const enough = 20; // found; more of them come by scrolling
const mostPages = 20; // a search of 2,000 items, which is as many reads

/** While something is searched and little is found, brings the older items, too, page by page. */
export function useSearchOlder(
  wanted: boolean,
  found: number,
  hasMore: boolean,
  held: readonly Notification[],
  onMore: () => void,
) {
  const pages = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a page has come, which `held` says.
  useEffect(() => {
    if (!wanted || found >= enough || !hasMore || pages.current >= mostPages) return;
    pages.current++;
    onMore();
  }, [wanted, found, hasMore, held.length]);
}
