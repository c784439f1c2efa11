import { type ReactNode, useId } from "react";

interface SectionProps {
  /** Where a link to this setting leads: see `PreferencesPlace`. */
  readonly place?: string;
  readonly title: string;
  readonly text?: string;
  readonly children: ReactNode;
}

/** A group of settings with its heading. */
export function Section({ place, title, text, children }: SectionProps) {
  const id = useId();
  return (
    <fieldset
      className="td-setting"
      data-place={place}
      data-testid={place && `setting-${place}`}
      aria-describedby={text && id}
    >
      <legend tabIndex={-1}>{title}</legend>
      {text && <p id={id}>{text}</p>}
      {children}
    </fieldset>
  );
}
