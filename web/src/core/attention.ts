/** Whether somebody looks at the page, and for how long nobody did: by the browser's events, and by a clock that sleeps too. */
export interface AttentionObserver {
  /** Somebody looks at the page, or may again: it became visible or focused, or the machine woke up. */
  looked(): void;
  /** The page is hidden, or is not any more. */
  hidden(hidden: boolean): void;
}

const beat = 5000; // ms
const asleep = 90_000; // ms; browsers let the timers of a hidden page run once a minute

/** Watches until the answered function is called. Without a window (rendering on a server) nobody ever looks. */
export function watchAttention({ looked, hidden }: AttentionObserver): () => void {
  if (typeof window === "undefined") return () => {};
  const changed = () => {
    hidden(document.hidden);
    if (!document.hidden) looked();
  };
  let last = Date.now();
  const timer = setInterval(() => {
    const gap = Date.now() - last;
    last = Date.now();
    if (gap > asleep) looked();
  }, beat);
  document.addEventListener("visibilitychange", changed);
  document.addEventListener("resume", looked); // a page that the browser had frozen
  window.addEventListener("focus", looked);
  window.addEventListener("pageshow", looked);
  hidden(document.hidden);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", changed);
    document.removeEventListener("resume", looked);
    window.removeEventListener("focus", looked);
    window.removeEventListener("pageshow", looked);
  };
}
