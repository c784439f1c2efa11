import { type RefObject, useEffect } from "react";

/**
 * Keeps a manual popover above everything else of the page, also what opens later, but for a modal dialog: the platform
 * takes all input from what is outside of one. `onCovered` hears whether there is one, and at the end that there is none.
 */
export function useTopLayer(element: RefObject<HTMLElement | null>, onCovered: (covered: boolean) => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: for as long as the element is there.
  useEffect(() => {
    const popover = element.current;
    if (!popover?.showPopover) return;
    const raise = () => {
      const covered = document.querySelector("dialog:modal") !== null;
      onCovered(covered);
      if (covered) return; // above it nobody could press anything, and it would hide what the dialog asks
      if (popover.contains(document.activeElement)) return; // hiding would take the focus away
      popover.hidePopover();
      popover.showPopover();
    };
    const opened = (event: Event) => {
      if (event.target !== popover && !popover.contains(event.target as Node)) raise();
    };
    // Popovers tell by an event; dialogs do so in newer browsers only, but their attribute changes in all.
    document.addEventListener("toggle", opened, true);
    const dialogs = new MutationObserver(changes => {
      if (changes.some(({ target }) => target instanceof HTMLDialogElement)) raise();
    });
    dialogs.observe(document.documentElement, { subtree: true, attributes: true, attributeFilter: ["open"] });
    raise();
    return () => {
      document.removeEventListener("toggle", opened, true);
      dialogs.disconnect();
      onCovered(false);
    };
  }, []);
}
