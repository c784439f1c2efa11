import type { Notification } from "../core";
import { useSurroundings } from "./context";
import type { IconName } from "./icons";
import { Menu, type MenuEntry } from "./menu";
import { useDeeds } from "./use-deeds";

interface ItemMenuProps {
  readonly item: Notification;
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/** What can be done to one item: read or unread, archive or back, and later. */
export function ItemMenu({ item, anchor, onClose }: ItemMenuProps) {
  const { words } = useSurroundings();
  const { read, keep, wake, times } = useDeeds(item);
  const time = new Intl.DateTimeFormat(words.locale, { weekday: "short", hour: "numeric", minute: "2-digit" });
  const later = times.map(
    ({ id, label, until, carryOut }): MenuEntry => ({
      id: `snooze-${id}`,
      label,
      icon: "clock",
      hint: time.format(until),
      onPick: carryOut,
    }),
  );
  const first = [wake, read, keep].flatMap(deed => (deed ? [entryOf(deed)] : []));
  const groups = [
    { label: "", entries: first },
    ...(later.length > 0 ? [{ label: words.snooze, entries: later }] : []),
  ];
  return <Menu label={words.itemMenu(item.title)} groups={groups} anchor={anchor} onClose={onClose} />;
}

function entryOf({ id, label, icon, carryOut }: { id: string; label: string; icon: IconName; carryOut: () => void }) {
  return { id, label, icon, onPick: carryOut };
}
