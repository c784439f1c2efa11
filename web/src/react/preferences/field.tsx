import { type ReactNode, useId } from "react";

interface FieldProps {
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  /** Value and name of each, in this order. */
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
  /** What stands behind it. */
  readonly children?: ReactNode;
}

/** One of several, in a line with its name. */
export function Field({ label, testId, value, options, onChange, children }: FieldProps) {
  const id = useId();
  return (
    <div className="td-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} data-testid={testId} value={value} onChange={event => onChange(event.target.value)}>
        {options.map(([option, name]) => (
          <option key={option} value={option}>
            {name}
          </option>
        ))}
      </select>
      {children}
    </div>
  );
}
