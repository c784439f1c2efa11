/**
 * Time, injected. An inbox goes by the server's time; the demo and the tests use a {@link movableClock}, because the local
 * stack's clock can be moved and "6 minutes ago" must move with it.
 */
import { createListeners } from "./listeners";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `listener` when time has jumped (not when it passes). Returns the function that ends it. */
  onJump(listener: () => void): () => void;
}

/** The machine's time. Nothing says when it jumps. */
export const systemClock: Clock = { now: () => Date.now(), onJump: () => () => {} };

/** A clock that runs at the system's pace, `offset` milliseconds away from it. */
export interface MovableClock extends Clock {
  setOffset(offset: number): void;
}

/** A {@link MovableClock} on top of `base`, the system's time unless a test gives another one. */
export function movableClock(base: () => number = Date.now): MovableClock {
  let offset = 0;
  const listeners = createListeners<void>();
  return {
    now: () => base() + offset,
    onJump: listeners.add,
    setOffset(next) {
      if (next === offset) return;
      offset = next;
      listeners.call();
    },
  };
}
