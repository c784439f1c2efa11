import type { Notification, Target } from "../core";
import { muteKey, mutesAt } from "../core/preferences";
import { useSurroundings } from "./context";
import { Menu, type MenuEntry } from "./menu";
import { usePreferences } from "./use-preferences";

const hour = 3_600_000; // ms
const night = 8 * hour;
const week = 7 * 24 * hour;

interface MuteMenuProps {
  readonly item: Notification;
  readonly target: Target;
  readonly anchor: HTMLElement;
  readonly onClose: () => void;
}

/** For how long the item's target is to be heard of no more; and the way back, where it is muted. */
export function MuteMenu({ item, target, anchor, onClose }: MuteMenuProps) {
  const { inbox, words } = useSurroundings();
  const state = usePreferences();
  const now = inbox.clock.now();
  const time = new Intl.DateTimeFormat(words.locale, { weekday: "short", hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(words.locale, { day: "numeric", month: "short" });
  const key = muteKey(target);
  const muted = state && mutesAt(state.settings, now).find(mute => mute.key === key);
  // At the press, and not before: the menu is there at once, also where the preferences still load.
  const mute = (until: number | null) => void inbox.preferences().then(preferences => preferences.mute(target, until));
  const entry = (id: keyof typeof words.muteFor, until: number | null, hint: string): MenuEntry => ({
    id: `mute-${id}`,
    label: words.muteFor[id],
    icon: "mute",
    ...(hint && { hint }),
    carryOut: () => mute(until),
  });
  const entries = [
    entry("hours", now + night, time.format(now + night)),
    entry("week", now + week, day.format(now + week)),
    entry("ever", null, ""),
    // At the end, so that nothing moves under the pointer when it is known.
    ...(muted
      ? [
          {
            id: "unmute",
            label: words.unmute,
            icon: "bell",
            carryOut: () => void state.preferences.unmute(muted),
          } as const,
        ]
      : []),
  ];
  const label = words.mute(target.title || item.title);
  return <Menu label={label} groups={[{ label, entries }]} anchor={anchor} onClose={onClose} />;
}
