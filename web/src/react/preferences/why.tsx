import type { Notification } from "../../core";
import { useSurroundings } from "../context";
import type { PreferencesPlace } from "../preferences-options";
import { SmallDialog } from "../small-dialog";
import { reasonsOf } from "./reasons";
import { useStyles } from "./styles";
import type { WhyWords } from "./words";

export interface WhyProps {
  readonly item: Notification;
  readonly words: WhyWords;
  /** Leads to a setting; undefined where the product has its settings elsewhere. */
  readonly onChange: ((place: PreferencesPlace) => void) | undefined;
  readonly onClose: () => void;
}

/** Why the person is told, and what decided by which way; each with the setting that changes it. */
export function Why({ item, words: own, onChange, onClose }: WhyProps) {
  const { words } = useSurroundings();
  useStyles();
  return (
    <SmallDialog title={words.why} testId="why" className="td-why" onClose={onClose}>
      {reasonsOf(item, own).map(({ text, place }) => (
        <div key={text}>
          <p>
            <bdi>{text}</bdi>
          </p>
          {place && onChange && (
            <button
              type="button"
              className="td-text-button"
              data-testid="why-change"
              onClick={() => {
                onClose();
                onChange(place);
              }}
            >
              {own.change}
            </button>
          )}
        </div>
      ))}
    </SmallDialog>
  );
}
