import { useCallback, useEffect, useId, useRef, useState } from "react";
import { NotificationBell } from "./bell";
import { useSurroundings } from "./context";
import { focusWhenDrawn } from "./focus";
import { usePart } from "./hooks";
import { NotificationPanel, preloadPanel } from "./late-panel";
import type { PanelOptions } from "./panel";

const idle = 300; // ms after the inbox has loaded: whatever else the page does then goes first

export interface NotificationCenterProps extends PanelOptions {
  /** Opens and closes it from outside, when it changes. The bell, Escape and a press elsewhere do so, too. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}

/**
 * The bell with the notification centre behind it: a popover where there is room, a sheet from the lower edge on narrow
 * screens. It closes when a link in it is followed. The platform's own popover does the generic work: it opens above
 * everything, closes on Escape and on a press elsewhere, and gives the focus back to the bell, for no bytes at all.
 */
export function NotificationCenter({ open: wanted, onOpenChange, ...panel }: NotificationCenterProps = {}) {
  const { words } = useSurroundings();
  const id = useId();
  const anchor = `--td-${id.replace(/\W/g, "")}`;
  const bell = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const opening = usePopover(bell, popover, onOpenChange);
  const ready = usePart(({ loaded }) => loaded);
  const close = useCallback(() => popover.current?.hidePopover(), []);

  useEffect(() => {
    const element = popover.current;
    if (wanted === undefined || !element || element.matches(":popover-open") === wanted) return;
    if (wanted) element.showPopover();
    else element.hidePopover();
  }, [wanted]);

  // Ahead of the first press, once the badge is there. A pointer or the focus on the bell may come earlier.
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(preloadPanel, idle);
    return () => clearTimeout(timer);
  }, [ready]);

  // Into the list at once, so that the arrows walk without a Tab before.
  useEffect(() => {
    if (!opening) return;
    const element = popover.current;
    element?.focus({ preventScroll: true });
    return focusWhenDrawn(() => element?.querySelector<HTMLElement>('article[tabindex="0"]'));
  }, [opening]);

  return (
    <>
      <NotificationBell
        ref={bell}
        aria-haspopup="dialog"
        aria-expanded={opening > 0}
        aria-controls={id}
        onPointerEnter={preloadPanel}
        onFocus={preloadPanel}
        style={{ anchorName: anchor }}
      />
      <div
        ref={popover}
        id={id}
        popover="auto"
        role="dialog"
        tabIndex={-1}
        aria-label={words.notifications}
        className="td-popover"
        data-testid="center"
        style={{ positionAnchor: anchor }}
      >
        {opening > 0 && <NotificationPanel key={opening} {...panel} onClose={close} onFollowed={close} />}
      </div>
    </>
  );
}

/**
 * Which opening of the popover it is, 0 while it is closed; its button opens it. By the platform's own names: React 18 does not know them
 * yet. The platform tells late that it has closed, and not at all when it is open again by then: so each opening is one of its own.
 */
function usePopover(
  button: React.RefObject<HTMLButtonElement | null>,
  popover: React.RefObject<HTMLDivElement | null>,
  onChange: ((open: boolean) => void) | undefined,
): number {
  const [opening, setOpening] = useState(0);
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    const element = popover.current;
    if (!element || !button.current) return;
    button.current.popoverTargetElement = element;
    let openings = 0;
    const toggled = (event: Event) => {
      if (event.target !== element) return; // of a menu inside of it
      const open = (event as ToggleEvent).newState === "open";
      setOpening(open ? ++openings : 0);
      tell.current?.(open);
    };
    element.addEventListener("toggle", toggled);
    return () => element.removeEventListener("toggle", toggled);
  }, [button, popover]);
  return opening;
}
