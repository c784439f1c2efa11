import { type FocusEvent, type PointerEvent, useEffect } from "react";

/**
 * Stops the time of what goes by itself: spread the answer on its element, and `hold` hears whether somebody points at it, or walks it
 * by keyboard. What has gone holds nothing any more.
 */
export function useHolding(hold: (held: boolean, reason: string) => void) {
  // A finger does not hover: it would hold it for good.
  const point = (held: boolean) => (event: PointerEvent) => event.pointerType !== "touch" && hold(held, "held");
  useEffect(
    () => () => {
      hold(false, "held");
      hold(false, "focused");
    },
    [hold],
  );
  return {
    onPointerEnter: point(true),
    onPointerLeave: point(false),
    onFocus: (event: FocusEvent) => event.target.matches(":focus-visible") && hold(true, "focused"),
    onBlur: (event: FocusEvent) => event.currentTarget.contains(event.relatedTarget) || hold(false, "focused"),
  };
}
