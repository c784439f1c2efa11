import { useCallback, useState } from "react";
import type { Lately } from "../../core/preferences";
import { usePart } from "../hooks";
import { useLoaded } from "../use-loaded";
import type { PreferencesState } from "../use-preferences";

/** How often the person was told lately: asked once, when the inbox has all that it holds; null until it is known. */
export function useLately({ preferences }: Pick<PreferencesState, "preferences">): Lately | null {
  const connected = usePart(({ connectionStatus }) => connectionStatus === "connected");
  const [begun, setBegun] = useState(connected);
  if (connected && !begun) setBegun(true);
  return useLoaded(
    useCallback(() => (begun ? preferences.lately() : new Promise<never>(() => {})), [begun, preferences]),
  );
}
