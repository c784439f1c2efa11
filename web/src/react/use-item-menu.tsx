import { type ReactNode, useCallback } from "react";
import type { Notification } from "../core";
import { useSurroundings } from "./context";
import { ItemMenu } from "./item-menu";
import { loadPreferences } from "./late-preferences";
import { MuteMenu } from "./mute-menu";
import type { PreferencesPlace } from "./preferences-options";
import { useLoaded } from "./use-loaded";
import { type Opening, useOpening } from "./use-opening";

interface Open {
  readonly kind: "menu" | "times" | "mute" | "why";
  readonly item: Notification;
  readonly button: HTMLElement;
}

/** What an item's menu leads to, one at a time. `onChange` opens a setting; `item` is where it was asked for. */
export function useItemMenu(onChange: ((place: PreferencesPlace, item: Notification) => void) | undefined) {
  const { opening, open, close } = useOpening<Open>();
  const openMenu = useCallback(
    (item: Notification, button: HTMLElement, kind: Open["kind"] = "menu") => open({ kind, item, button }),
    [open],
  );
  return { menu: opening && <Opened key={opening.key} {...{ opening, open, close, onChange }} />, openMenu };
}

interface OpenedProps {
  readonly opening: Opening<Open>;
  readonly open: (of: Open) => void;
  readonly close: (opening: Opening<Open>) => void;
  readonly onChange: ((place: PreferencesPlace, item: Notification) => void) | undefined;
}

function Opened({ opening, open, close, onChange }: OpenedProps): ReactNode {
  const { kind, item, button } = opening.of;
  const onClose = () => close(opening);
  const lead = onChange && ((place: PreferencesPlace) => onChange(place, item));
  if (kind === "why") return <LateWhy item={item} onChange={lead} onClose={onClose} />;
  if (kind === "mute" && item.target) {
    return <MuteMenu item={item} target={item.target} anchor={button} onClose={onClose} />;
  }
  return (
    <ItemMenu
      item={item}
      anchor={button}
      atTimes={kind === "times"}
      onMute={() => open({ ...opening.of, kind: "mute" })}
      onWhy={() => open({ ...opening.of, kind: "why" })}
      onLess={lead && (() => lead({ section: "category", category: item.category }))}
      onClose={onClose}
    />
  );
}

interface LateWhyProps {
  readonly item: Notification;
  readonly onChange: ((place: PreferencesPlace) => void) | undefined;
  readonly onClose: () => void;
}

function LateWhy(props: LateWhyProps) {
  const { words } = useSurroundings();
  const parts = useLoaded(loadPreferences);
  const own = useLoaded(words.preferences.load);
  return parts && own && <parts.Why {...props} words={own} />;
}
