import { memo } from "react";
import type { Notification } from "../core";
import { IconButton } from "./buttons";
import { useSurroundings } from "./context";
import { type Deed, useDeeds } from "./use-deeds";

export interface RowActionsProps {
  readonly item: Notification;
  readonly tabIndex: number;
  /** Opens the item's menu beside the button; with "times" at the times to snooze. */
  readonly onMenu: (item: Notification, button: HTMLElement, at?: "times") => void;
}

/**
 * What a row offers at one press: read, archive, the first of the times to snooze, and the menu of everything. They show
 * where the pointer or the focus is. A finger does not hover: it gets the menu's button only, large enough and always there.
 */
export const RowActions = memo(function RowActions({ item, tabIndex, onMenu }: RowActionsProps) {
  const { words } = useSurroundings();
  const { read, keep, wake, times } = useDeeds(item);
  const [soon] = times;
  const button = (testId: string, { icon, label, carryOut }: Omit<Deed, "id">) => (
    <IconButton
      icon={icon}
      testId={testId}
      title={label}
      aria-label={words.about(label, item.title)} // it says which item
      tabIndex={tabIndex}
      onClick={carryOut}
    />
  );
  return (
    <div className="td-side">
      <div className="td-quick">
        {button(`mark-${read.id}`, read)}
        {button(keep.id, keep)}
        {wake
          ? button("wake", wake)
          : soon && button("snooze", { ...soon, icon: "clock", label: words.snoozeFor(soon.label) })}
        <IconButton
          icon="more"
          testId="item-menu"
          title={words.more}
          aria-label={words.itemMenu(item.title)}
          aria-haspopup="menu"
          tabIndex={tabIndex}
          onClick={event => onMenu(item, event.currentTarget)}
        />
      </div>
      {item.readAt === null && <span className="td-dot" />}
    </div>
  );
});
