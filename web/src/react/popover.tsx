import { type ToggleEvent, useId, useState } from "react";
import { NotificationBell } from "./bell";
import { useSurroundings } from "./context";
import { InboxList } from "./inbox-list";

/**
 * The bell with the inbox behind it. The platform's own popover does the generic work: it opens above everything, closes
 * on Escape and on a press elsewhere, and gives the focus back to the bell, for no bytes at all.
 */
export function NotificationPopover() {
  const { words } = useSurroundings();
  const id = useId();
  const anchor = `--td-${id.replace(/\W/g, "")}`;
  const [open, setOpen] = useState(false);
  return (
    <>
      <NotificationBell popoverTarget={id} aria-expanded={open} style={{ anchorName: anchor }} />
      <div
        id={id}
        popover="auto"
        role="dialog"
        aria-label={words.notifications}
        className="td-popover"
        style={{ positionAnchor: anchor }}
        onToggle={(event: ToggleEvent<HTMLDivElement>) => setOpen(event.newState === "open")}
      >
        {open && <InboxList />}
      </div>
    </>
  );
}
