/** A time that can be stopped and goes on: for what leaves the screen by itself, but not while somebody deals with it. */
export interface Countdown {
  /** Begins or goes on, unless it is running. */
  start(): void;
  stop(): void;
}

const leastLeft = 1000; // ms; whoever stops pointing at a toast still sees it go

/** `over` is called after `left` milliseconds of running. */
export function createCountdown(left: number, over: () => void): Countdown {
  let startedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    start() {
      if (timer !== undefined) return;
      startedAt = performance.now();
      timer = setTimeout(over, left);
    },
    stop() {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      left = Math.max(leastLeft, left - (performance.now() - startedAt));
    },
  };
}
