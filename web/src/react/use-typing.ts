import { useEffect, useState } from "react";

const pause = 1500; // ms without a key; then a sentence is over, or a thought
const look = 100; // ms

/** Whether a key went into a field of the page a moment ago, of whichever part of the product. */
export function useTyping(): () => boolean {
  const [isTyping] = useState(() => {
    let typedAt = Number.NEGATIVE_INFINITY;
    const typed = ({ target }: Event) => {
      if (isField(target)) typedAt = performance.now();
    };
    return { typed, now: () => performance.now() - typedAt < pause };
  });
  useEffect(() => {
    const { typed } = isTyping;
    document.addEventListener("keydown", typed, true);
    document.addEventListener("input", typed, true);
    return () => {
      document.removeEventListener("keydown", typed, true);
      document.removeEventListener("input", typed, true);
    };
  }, [isTyping]);
  return isTyping.now;
}

/** Answers `value`, but takes up a new one only when nobody types. What is gone is gone at once. */
export function useWhenCalm<T>(value: T | null, keyOf: (value: T) => string): { shown: T | null; waiting: T | null } {
  const isTyping = useTyping();
  const key = value === null ? null : keyOf(value);
  const [calmFor, setCalmFor] = useState<string | null>(null);
  useEffect(() => {
    if (key === null || key === calmFor) return;
    const attempt = () => {
      if (isTyping()) return;
      clearInterval(timer);
      setCalmFor(key);
    };
    const timer = setInterval(attempt, look);
    attempt();
    return () => clearInterval(timer);
  }, [key, calmFor, isTyping]);
  return key !== null && key === calmFor ? { shown: value, waiting: null } : { shown: null, waiting: value };
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, textarea, select, [contenteditable]:not([contenteditable=false])") !== null;
}
