import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Menu, type MenuEntry } from "./menu";
import { useDeeds } from "./use-deeds";

interface ItemMenuProps {
  readonly item: Notification;
  readonly anchor: HTMLElement;
  /** It begins at the times to snooze, where there are any. */
  readonly atTimes: boolean;
  readonly onMute: () => void;
  readonly onWhy: () => void;
  /** Leads to what the person chose for the item's category; undefined where the product has its settings elsewhere. */
  readonly onLess: (() => void) | undefined;
  readonly onClose: () => void;
}

/** What can be done to one item: read or unread, archive or back, and later; and how to hear less of the like. */
export function ItemMenu({ item, anchor, atTimes, onMute, onWhy, onLess, onClose }: ItemMenuProps) {
  const { words } = useSurroundings();
  const { read, keep, wake, times } = useDeeds(item);
  const time = new Intl.DateTimeFormat(words.locale, { weekday: "short", hour: "numeric", minute: "2-digit" });
  const later = times.map(
    ({ id, label, until, carryOut }, index): MenuEntry => ({
      id: `snooze-${id}`,
      label,
      icon: "clock",
      hint: time.format(until),
      start: atTimes && index === 0,
      carryOut,
    }),
  );
  const first = [wake, read, keep].filter(deed => deed !== null);
  const less: MenuEntry[] = [{ id: "why", label: words.why, icon: "info", carryOut: onWhy }];
  if (onLess) less.unshift({ id: "less", label: words.less, icon: "settings", carryOut: onLess });
  if (item.target?.id) {
    less.unshift({ id: "mute", label: words.mute(shortened(item.target.title)), icon: "mute", carryOut: onMute });
  }
  const groups = [
    { label: "", entries: first },
    { label: "", entries: less },
    ...(later.length > 0 ? [{ label: words.snooze, entries: later }] : []),
  ];
  return <Menu label={words.itemMenu(item.title)} groups={groups} anchor={anchor} onClose={onClose} />;
}

const longest = 24; // characters of a title: a menu is narrow

function shortened(title: string): string {
  return title.length > longest ? `${title.slice(0, longest).trimEnd()}…` : title;
}
