import type { MouseEvent } from "react";

/** Whether the press leads away from here: not into another tab or window. */
export function leadsAway({ metaKey, ctrlKey, shiftKey, button }: MouseEvent): boolean {
  return button === 0 && !metaKey && !ctrlKey && !shiftKey;
}
