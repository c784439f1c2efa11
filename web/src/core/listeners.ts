/** Functions that want to be called with each new value. The same function may be added twice, and then is called twice. */
export interface Listeners<T> {
  /** Returns the function that removes the listener; calling that twice is fine. */
  add(listener: (value: T) => void): () => void;
  call(value: T): void;
  clear(): void;
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Map<symbol, (value: T) => void>();
  return {
    add(listener) {
      const key = Symbol();
      listeners.set(key, listener);
      return () => listeners.delete(key);
    },
    call(value) {
      for (const [key, listener] of [...listeners]) {
        // A listener that was called a moment ago may have removed this one.
        if (listeners.has(key)) listener(value);
      }
    },
    clear: () => listeners.clear(),
  };
}
