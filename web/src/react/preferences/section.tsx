import type { ReactNode } from "react";

interface SectionProps {
  /** Where a link to this setting leads: see `PreferencesPlace`. */
  readonly place?: string;
  readonly title: string;
  readonly text?: string;
  readonly children: ReactNode;
}

/** A group of settings with its heading. */
export function Section({ place, title, text, children }: SectionProps) {
  return (
    <fieldset className="td-setting" data-place={place} data-testid={place && `setting-${place}`}>
      <legend tabIndex={-1}>{title}</legend>
      {text && <p>{text}</p>}
      {children}
    </fieldset>
  );
}
