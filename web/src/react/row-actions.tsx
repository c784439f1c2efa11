import { type MouseEvent, memo } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Icon, type IconName } from "./icons";
import { useDeeds } from "./use-deeds";

export interface RowActionsProps {
  readonly item: Notification;
  readonly tabIndex: number;
  /** Opens the item's menu beside the button. */
  readonly onMenu: (item: Notification, button: HTMLElement) => void;
}

/**
 * What a row offers at one press: read, archive, the first of the times to snooze, and the menu of everything. They show
 * where the pointer or the focus is. A finger does not hover: it gets the menu's button only, large enough and always there.
 */
export const RowActions = memo(function RowActions({ item, tabIndex, onMenu }: RowActionsProps) {
  const { words } = useSurroundings();
  const { read, keep, wake, times } = useDeeds(item);
  const [soon] = times;
  const about = (label: string) => words.about(label, item.title);
  return (
    <div className="td-side">
      <div className="td-quick">
        <RowButton
          {...read}
          testId={`mark-${read.id}`}
          name={about(read.label)}
          tabIndex={tabIndex}
          onPress={read.carryOut}
        />
        <RowButton {...keep} testId={keep.id} name={about(keep.label)} tabIndex={tabIndex} onPress={keep.carryOut} />
        {wake ? (
          <RowButton {...wake} testId="wake" name={about(wake.label)} tabIndex={tabIndex} onPress={wake.carryOut} />
        ) : (
          soon && (
            <RowButton
              icon="clock"
              testId="snooze"
              label={words.snoozeFor(soon.label)}
              name={about(words.snoozeFor(soon.label))}
              tabIndex={tabIndex}
              onPress={soon.carryOut}
            />
          )
        )}
        <RowButton
          icon="more"
          testId="item-menu"
          label={words.more}
          name={words.itemMenu(item.title)}
          tabIndex={tabIndex}
          hasMenu
          onPress={event => onMenu(item, event.currentTarget)}
        />
      </div>
      {item.readAt === null && <span className="td-dot" />}
    </div>
  );
});

interface RowButtonProps {
  readonly icon: IconName;
  readonly testId: string;
  /** The tooltip. */
  readonly label: string;
  /** The accessible name; it says which item. */
  readonly name: string;
  readonly tabIndex: number;
  readonly hasMenu?: boolean;
  readonly onPress: (event: MouseEvent<HTMLElement>) => void;
}

function RowButton({ icon, testId, label, name, tabIndex, hasMenu, onPress }: RowButtonProps) {
  return (
    <button
      type="button"
      className="td-row-button"
      data-testid={testId}
      title={label}
      aria-label={name}
      aria-haspopup={hasMenu ? "menu" : undefined}
      tabIndex={tabIndex}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}
