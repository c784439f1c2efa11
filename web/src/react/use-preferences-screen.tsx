import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { focusWhenDrawn } from "./focus";
import { Preferences } from "./late-preferences";
import type { PreferencesPlace } from "./preferences-options";

interface Shown {
  /** Undefined is the whole screen, from its beginning. */
  readonly at: PreferencesPlace | undefined;
  /** Finds what gets the focus back. */
  readonly back: string;
}

const gear = '[data-testid="open-preferences"]';

/** The preferences in the place of the list, until Escape or a press on "back" brings it again, and the focus to where it was. */
export function usePreferencesScreen(root: RefObject<HTMLElement | null>, onClose: (() => void) | undefined) {
  const [shown, setShown] = useState<Shown | null>(null);
  const back = useRef("");
  const leave = useCallback(() => setShown(null), []);
  const open = useCallback((at?: PreferencesPlace, itemId?: string) => {
    back.current = itemId === undefined ? gear : `article[data-id="${CSS.escape(itemId)}"]`;
    setShown({ at, back: back.current });
  }, []);
  const isShown = shown !== null;
  useEffect(() => {
    if (isShown || back.current === "") return;
    const selector = back.current;
    back.current = "";
    return focusWhenDrawn(
      () => root.current?.querySelector<HTMLElement>(selector) ?? root.current?.querySelector<HTMLElement>(gear),
    );
  }, [isShown, root]);

  function leaveOnEscape(event: KeyboardEvent<HTMLElement>) {
    if (event.key !== "Escape" || event.currentTarget.querySelector(":popover-open")) return;
    event.preventDefault(); // the centre stays open
    event.stopPropagation();
    leave();
  }

  const screen = shown && (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape from anywhere inside it; the button "back" does the same.
    <div className="td-prefs-place" onKeyDown={leaveOnEscape}>
      <Preferences onBack={leave} {...(shown.at && { at: shown.at })} {...(onClose && { onClose })} />
    </div>
  );
  return { screen, open };
}
