import type { PreferencesState } from "../use-preferences";
import type { PreferenceWords } from "./words";

interface SavingLineProps {
  /** Null while they load. */
  readonly state: PreferencesState | null;
  readonly words: PreferenceWords | null;
}

/** What became of the last change. */
export function SavingLine({ state, words }: SavingLineProps) {
  return (
    <p className="td-saving" role="status" data-testid="saving" data-state={state?.saving}>
      {words && state && state.saving !== "idle" && words.saving[state.saving]}
    </p>
  );
}
