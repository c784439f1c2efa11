import { useCallback, useState } from "react";

export interface Opening<T> {
  readonly of: T;
  /** Differs for each opening. */
  readonly key: number;
}

/**
 * What is open, one at a time. Each opening is one of its own, because the platform tells late that a popover has closed:
 * by then a fast person may have opened it again.
 */
export function useOpening<T>() {
  const [opening, setOpening] = useState<Opening<T> | null>(null);
  const open = useCallback((of: T) => setOpening({ of, key: ++openings }), []);
  /** Closes that opening, if it is still the one. */
  const close = useCallback(({ key }: Opening<T>) => setOpening(now => (now?.key === key ? null : now)), []);
  return { opening, open, close };
}

let openings = 0;
