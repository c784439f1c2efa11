import { type Day, days, type Digest as Wanted } from "../../core/preferences";
import { useSurroundings } from "../context";
import { Field } from "./field";
import type { PartProps } from "./part";
import { Section } from "./section";
import { nameOf } from "./week-days";

const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`);

/** The mail with what is unread: how often, and when. */
export function Digest({ state: { settings, preferences }, words: { digest: own } }: PartProps) {
  const { words } = useSurroundings();
  const { digest, timeZone } = settings;
  const change = (to: Partial<Wanted> | null) => void preferences.setDigest(to);
  const clock = new Intl.DateTimeFormat(words.locale, { hour: "numeric", minute: "2-digit", timeZone: "UTC" });
  const shown = (at: string) => clock.format(Date.parse(`2024-01-01T${at}Z`));
  const weekly = digest?.every === "week";
  const zone = (timeZone || "UTC").replaceAll("_", " ");
  const text = digest ? own.on(shown(digest.at), zone, weekly ? nameOf(digest.on, words.locale) : null) : own.off;
  // Another client may have chosen a time between two hours.
  const times = !digest || hours.includes(digest.at) ? hours : [...hours, digest.at].sort();
  return (
    <Section place="digest" title={own.title} text={text}>
      <Field
        label={own.every}
        testId="digest-every"
        value={digest?.every ?? ""}
        options={[
          ["", own.never],
          ["day", own.daily],
          ["week", own.weekly],
        ]}
        onChange={every => change(every ? { every: every as Wanted["every"] } : null)}
      />
      {weekly && (
        <Field
          label={own.day}
          testId="digest-on"
          value={digest.on}
          options={days.map(day => [day, nameOf(day, words.locale)])}
          onChange={on => change({ on: on as Day })}
        />
      )}
      {digest && (
        <Field
          label={own.time}
          testId="digest-at"
          value={digest.at}
          options={times.map(at => [at, shown(at)])}
          onChange={at => change({ at })}
        />
      )}
    </Section>
  );
}
