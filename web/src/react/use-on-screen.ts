import { type RefObject, useEffect } from "react";
import type { Store } from "../core/store";

/** Counts the element in `count` for as long as any of it is on screen. */
export function useOnScreen(element: RefObject<HTMLElement | null>, count: Store<number>) {
  useEffect(() => {
    if (!element.current || typeof IntersectionObserver === "undefined") return;
    let shown = false;
    const set = (next: boolean) => {
      if (next === shown) return;
      shown = next;
      count.set(count.getSnapshot() + (next ? 1 : -1));
    };
    const observer = new IntersectionObserver(entries => set(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      set(false);
    };
  }, [element, count]);
}
