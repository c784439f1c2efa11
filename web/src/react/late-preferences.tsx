import { loadOnce } from "../core/load-once";
import { useSurroundings } from "./context";
import type { PreferencesProps } from "./preferences/screen";
import { useLoaded } from "./use-loaded";

/** The screen, and an item's "Why do I get this?". */
export const loadPreferences = loadOnce(() => import("./preferences"));

/**
 * What reaches the person, when, and by which way: a settings page, or a part of one. Fills the height that it is given, or is as
 * high as what it says. Its code and its looks load when it is first shown.
 */
export function Preferences(props: PreferencesProps) {
  const { words } = useSurroundings();
  const parts = useLoaded(loadPreferences);
  if (parts) return <parts.PreferencesScreen {...props} />;
  return (
    <div className="td-inbox" lang={words.locale} aria-busy="true" data-testid="preferences-loading">
      <div className="td-head">
        <h2>{words.preferences.title}</h2>
      </div>
    </div>
  );
}
