import { type FocusEvent, type PointerEvent, useEffect } from "react";

/**
 * Stops the time of what goes by itself: spread the answer on its element, and `hold` hears whether somebody points at it, or walks it
 * by keyboard. What has gone holds nothing any more.
 */
export function useHolding(hold: (held: boolean, reason: string) => void) {
  function point({ pointerType, currentTarget }: PointerEvent) {
    if (pointerType === "touch") return; // a finger does not hover: it would hold it for good
    hold(true, "held");
    // Not by onPointerLeave: React does not hear of it when what was under the pointer has gone, as a toast by its button.
    currentTarget.addEventListener("pointerleave", () => hold(false, "held"), { once: true });
  }
  useEffect(
    () => () => {
      hold(false, "held");
      hold(false, "focused");
    },
    [hold],
  );
  return {
    onPointerEnter: point,
    onFocus: (event: FocusEvent) => event.target.matches(":focus-visible") && hold(true, "focused"),
    onBlur: (event: FocusEvent) => event.currentTarget.contains(event.relatedTarget) || hold(false, "focused"),
  };
}
