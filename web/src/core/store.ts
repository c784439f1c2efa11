/** A value that can be watched. `subscribe` replays the current value, so that no listener has to ask first. */
export interface Readable<T> {
  /** The value; the same reference until it changes. */
  getSnapshot(): T;
  /** Calls `listener` at once and after every change. Answers the function that ends it; calling that twice is fine. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface Store<T> extends Readable<T> {
  /** Replaces the value and tells the listeners, unless it is the very same. */
  set(value: T): void;
  /** Forgets all listeners. */
  close(): void;
}

/** A {@link Store} in memory. Fits React's `useSyncExternalStore` as it is. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  // Keyed by subscription, not by function: the same function may listen twice.
  const listeners = new Map<symbol, (value: T) => void>();
  return {
    getSnapshot: () => value,
    subscribe(listener) {
      const key = Symbol();
      listeners.set(key, listener);
      listener(value);
      return () => listeners.delete(key);
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const [key, listener] of [...listeners]) {
        // One listener may have ended another one's subscription a moment ago.
        if (listeners.has(key)) listener(value);
      }
    },
    close: () => listeners.clear(),
  };
}
