import { useCallback, useSyncExternalStore } from "react";
import type { Preferences, PreferencesSnapshot } from "../core/preferences";
import { useInbox } from "./hooks";
import { useLoaded } from "./use-loaded";

export interface PreferencesState extends PreferencesSnapshot {
  /** What changes them. */
  readonly preferences: Preferences;
}

/**
 * What the person says about being told, for a settings page of your own; null while it loads. It is listened to while a
 * component that uses this is mounted. `choicesOf`, `mutesAt` and `isDoNotDisturbOn` of `@tidings/web/preferences` say what holds.
 */
export function usePreferences(): PreferencesState | null {
  const inbox = useInbox();
  const preferences = useLoaded(inbox.preferences);
  const subscribe = useCallback((changed: () => void) => preferences?.subscribe(changed) ?? (() => {}), [preferences]);
  const look = () => preferences?.getSnapshot() ?? null;
  const snapshot = useSyncExternalStore(subscribe, look, look);
  return preferences && snapshot && { ...snapshot, preferences };
}
