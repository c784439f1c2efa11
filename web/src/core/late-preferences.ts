import { loadOnce } from "./load-once";
import type { OwnedPreferences, Preferences, PreferencesParts } from "./preferences/preferences";

export interface LatePreferences {
  /** Loads what they need at the first call. Rejects while that cannot be loaded. */
  load(): Promise<Preferences>;
  retry(): void;
  close(): void;
}

/** What the person says is looked at seldom, so its code comes when it is asked for. */
export function createLatePreferences(parts: PreferencesParts): LatePreferences {
  let loaded: OwnedPreferences | null = null;
  let closed = false;
  const load = loadOnce(async () => {
    const { createPreferences } = await import("./preferences/preferences");
    loaded = createPreferences(parts);
    if (closed) loaded.close();
    return loaded;
  });
  return {
    load,
    retry: () => loaded?.retry(),
    close() {
      closed = true;
      loaded?.close();
    },
  };
}
