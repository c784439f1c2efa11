import { type MouseEvent, type SyntheticEvent, useRef } from "react";

export const startle = 500; // ms; nobody decides faster, so a key or press in that time was meant for something else

/**
 * For what appears or moves by itself: `arm` it at that moment, and the input of the next half second is swallowed. Spread
 * `handlers` on the element that it is about.
 */
export function useGuard() {
  const armedAt = useRef(Number.NEGATIVE_INFINITY);
  const swallow = (event: SyntheticEvent) => {
    if (performance.now() - armedAt.current >= startle) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    arm() {
      armedAt.current = performance.now();
    },
    isArmed: () => performance.now() - armedAt.current < startle,
    /** Keys and presses. */
    handlers: { onKeyDownCapture: swallow, onClickCapture: swallow },
    /** Presses of a pointer only: whoever uses keys has come here on purpose. */
    pointerHandlers: { onClickCapture: (event: MouseEvent) => event.detail > 0 && swallow(event) },
  };
}
