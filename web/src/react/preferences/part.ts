import type { PreferencesState } from "../use-preferences";
import type { PreferenceWords } from "./words";

/** What each part of the screen works with. */
export interface PartProps {
  readonly state: PreferencesState;
  readonly words: PreferenceWords;
}
