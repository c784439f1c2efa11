import { type ToggleEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { NotificationBell } from "./bell";
import { useSurroundings } from "./context";
import { focusWhenDrawn } from "./focus";
import { usePart } from "./hooks";
import { NotificationPanel, preloadPanel } from "./late-panel";

const idle = 300; // ms after the inbox has loaded: whatever else the page does then goes first

export interface NotificationCenterProps {
  /** Opens and closes it from outside, when it changes. The bell, Escape and a press elsewhere do so, too. */
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
}

/**
 * The bell with the notification centre behind it: a popover where there is room, a sheet from the lower edge on narrow
 * screens. It closes when a link in it is followed. The platform's own popover does the generic work: it opens above everything, closes on Escape and on a press
 * elsewhere, and gives the focus back to the bell, for no bytes at all.
 */
export function NotificationCenter({ open: wanted, onOpenChange }: NotificationCenterProps = {}) {
  const { words } = useSurroundings();
  const id = useId();
  const anchor = `--td-${id.replace(/\W/g, "")}`;
  const [open, setOpen] = useState(false);
  const popover = useRef<HTMLDivElement>(null);
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
    if (!open) return;
    const element = popover.current;
    element?.focus({ preventScroll: true });
    return focusWhenDrawn(() => element?.querySelector<HTMLElement>('article[tabindex="0"]'));
  }, [open]);

  return (
    <>
      <NotificationBell
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={open}
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
        onToggle={(event: ToggleEvent<HTMLDivElement>) => {
          if (event.target !== event.currentTarget) return;
          setOpen(event.newState === "open");
          onOpenChange?.(event.newState === "open");
        }}
      >
        {open && <NotificationPanel onClose={close} onFollowed={close} />}
      </div>
    </>
  );
}
