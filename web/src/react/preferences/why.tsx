import { useId, useLayoutEffect, useRef } from "react";
import type { Notification } from "../../core";
import { useSurroundings } from "../context";
import { Icon } from "../icons";
import type { PreferencesPlace } from "../preferences-options";
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
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useStyles();

  // Closed while it is still in the page: only then does the platform give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="td-menu td-keys td-why"
      data-testid="why"
      aria-labelledby={id}
      onKeyDown={event => event.stopPropagation()}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="td-head">
        <h2 id={id}>{words.why}</h2>
        <button type="button" className="td-icon-button" aria-label={words.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
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
    </dialog>
  );
}
