import type { Notification } from "../core";
import { useSurroundings } from "./context";
import type { IconName } from "./icons";
import type { SnoozeTime } from "./snooze";

/** Something that a person does to an item. */
export interface Deed {
  readonly id: "read" | "unread" | "archive" | "unarchive" | "wake";
  readonly label: string;
  readonly icon: IconName;
  carryOut(): void;
}

interface Deeds {
  /** Marks it as read or, when it is, as unread. */
  readonly read: Deed;
  /** Archives it, or moves it back to the inbox. */
  readonly keep: Deed;
  /** Ends its snooze; null where it has none. */
  readonly wake: Deed | null;
  /** When it can come back; none where it is archived. */
  readonly times: readonly (SnoozeTime & { carryOut(): void })[];
}

/** What can be done to the item as it is now, for its buttons, its menu and its keys. */
export function useDeeds(item: Notification): Deeds {
  const { inbox, words, snoozeTimes } = useSurroundings();
  const { id, readAt, archivedAt, snoozedUntil } = item;
  const now = inbox.clock.now();
  const times = archivedAt === null ? snoozeTimes(now, words) : [];
  return {
    read:
      readAt === null
        ? { id: "read", label: words.markRead, icon: "check", carryOut: () => void inbox.markRead(id) }
        : { id: "unread", label: words.markUnread, icon: "dot", carryOut: () => void inbox.markUnread(id) },
    keep:
      archivedAt === null
        ? { id: "archive", label: words.archive, icon: "archive", carryOut: () => void inbox.archive(id) }
        : { id: "unarchive", label: words.unarchive, icon: "archive", carryOut: () => void inbox.unarchive(id) },
    wake:
      snoozedUntil !== null && snoozedUntil > now
        ? { id: "wake", label: words.wake, icon: "clock", carryOut: () => void inbox.snooze(id, null) }
        : null,
    times: times.map(time => ({ ...time, carryOut: () => void inbox.snooze(id, time.until) })),
  };
}
