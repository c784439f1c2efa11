import { createListeners } from "./listeners";

/** A value that can be watched. `subscribe` replays the current value, so that no listener has to ask first. */
export interface Readable<T> {
  /** The value; the same reference until it changes. */
  getSnapshot(): T;
  /** Calls `listener` at once and after every change. Returns the function that ends it; calling that twice is fine. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface Store<T> extends Readable<T> {
  /** Replaces the value and calls the listeners, unless it is the very same. */
  set(value: T): void;
  /** Forgets all listeners. */
  close(): void;
}

/** A {@link Store} in memory. Fits React's `useSyncExternalStore` as it is. */
export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = createListeners<T>();
  return {
    getSnapshot: () => value,
    subscribe(listener) {
      const stop = listeners.add(listener);
      listener(value);
      return stop;
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      listeners.call(value);
    },
    close: listeners.clear,
  };
}
