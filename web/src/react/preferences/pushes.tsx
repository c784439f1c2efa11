import { Field } from "./field";
import type { PartProps } from "./part";
import { Section } from "./section";

const offered = [1, 2, 3, 5, 10, 20]; // nobody gets more than 30: shared/attention/budget.go

/** How many pushes an hour there may be. */
export function Pushes({ state: { settings, preferences }, words: { pushes: own } }: PartProps) {
  const { pushesPerHour: most } = settings;
  // Another client may have chosen a number between two of ours.
  const numbers = most === null || offered.includes(most) ? offered : [...offered, most].sort((a, b) => a - b);
  return (
    <Section place="pushes" title={own.title} text={own.text}>
      <Field
        label={own.hour}
        testId="pushes-per-hour"
        value={String(most ?? "")}
        options={[["", own.usual], ...numbers.map(number => [String(number), own.most(number)] as const)]}
        onChange={number => void preferences.setPushesPerHour(Number(number) || null)}
      />
    </Section>
  );
}
