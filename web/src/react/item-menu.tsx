import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { Menu, type MenuEntry } from "./menu";
import { snoozePresets } from "./snooze";

interface ItemMenuProps {
  readonly item: Notification;
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/** What can be done to one item: read or unread, archive or back, and later. */
export function ItemMenu({ item, anchor, onClose }: ItemMenuProps) {
  const { inbox, words } = useSurroundings();
  const { id } = item;
  const now = inbox.clock.now();
  const time = new Intl.DateTimeFormat(words.locale, { weekday: "short", hour: "numeric", minute: "2-digit" });
  const reading: MenuEntry =
    item.readAt === null
      ? { id: "read", label: words.markRead, icon: "check", onPick: () => void inbox.markRead(id) }
      : { id: "unread", label: words.markUnread, icon: "dot", onPick: () => void inbox.markUnread(id) };
  const keeping: MenuEntry =
    item.archivedAt === null
      ? { id: "archive", label: words.archive, icon: "archive", onPick: () => void inbox.archive(id) }
      : { id: "unarchive", label: words.unarchive, icon: "archive", onPick: () => void inbox.unarchive(id) };
  const later = snoozePresets(now).map(
    ({ preset, until }): MenuEntry => ({
      id: `snooze-${preset}`,
      label: words.snoozeUntil[preset],
      icon: "clock",
      hint: time.format(until),
      onPick: () => void inbox.snooze(id, until),
    }),
  );
  const waking: readonly MenuEntry[] =
    item.snoozedUntil !== null && item.snoozedUntil > now
      ? [{ id: "wake", label: words.wake, icon: "clock", onPick: () => void inbox.snooze(id, null) }]
      : [];
  const groups = [
    { label: "", entries: [...waking, reading, keeping] },
    ...(item.archivedAt === null ? [{ label: words.snooze, entries: later }] : []),
  ];
  return <Menu label={words.itemMenu(item.title)} groups={groups} anchor={anchor} onClose={onClose} />;
}
