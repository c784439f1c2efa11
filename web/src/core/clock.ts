/**
 * Time, injected. A product uses the {@link systemClock}; the demo and the tests use a {@link movableClock}, because the
 * local stack's clock can be moved and "6 minutes ago" must move with it.
 */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `listener` when time has jumped (not when it passes). Answers the function that ends it. */
  onJump(listener: () => void): () => void;
}

/** The machine's time. It never jumps as far as we are told. */
export const systemClock: Clock = { now: () => Date.now(), onJump: () => () => {} };

/** A clock that runs at the system's pace, `offset` milliseconds away from it. */
export interface MovableClock extends Clock {
  setOffset(offset: number): void;
}

/** A {@link MovableClock} on top of `base`, the system's time unless a test says otherwise. */
export function movableClock(base: () => number = Date.now): MovableClock {
  let offset = 0;
  const listeners = new Set<() => void>();
  return {
    now: () => base() + offset,
    onJump(listener) {
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    setOffset(next) {
      if (next === offset) return;
      offset = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
