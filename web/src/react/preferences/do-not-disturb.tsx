import { isDoNotDisturbOn } from "../../core/preferences";
import { useSurroundings } from "../context";
import { useNow } from "../hooks";
import type { PartProps } from "./part";
import { Section } from "./section";

const hour = 3_600_000; // ms
const morning = 8; // o'clock, by the clock of this device

/** The switch: for some time, until tomorrow, or until it is turned off. */
export function DoNotDisturb({ state: { settings, preferences }, words: { disturb: own } }: PartProps) {
  const { inbox, words } = useSurroundings();
  const now = useNow();
  const { doNotDisturb } = settings;
  const on = isDoNotDisturbOn(doNotDisturb, now);
  const time = new Intl.DateTimeFormat(words.locale, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(words.locale, { weekday: "long", hour: "numeric", minute: "2-digit" });
  const at = new Date(now);
  const tomorrow = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1, morning).getTime();
  const begin = (until: number | null) => void preferences.setDoNotDisturb(true, until);
  const isToday = (until: number) => new Date(until).toDateString() === at.toDateString();
  const { until } = doNotDisturb;
  const says = until === null ? own.on : own.onUntil((isToday(until) ? time : date).format(until));
  return (
    <Section place="disturb" title={own.title}>
      <p role="status" data-testid="disturb-state" data-on={on || undefined}>
        {on ? says : own.off}
      </p>
      <div className="td-actions">
        {on ? (
          <Button testId="disturb-off" label={own.turnOff} onPress={() => void preferences.setDoNotDisturb(false)} />
        ) : (
          <>
            <Button testId="disturb-hours" label={own.forHours} onPress={() => begin(inbox.clock.now() + 2 * hour)} />
            <Button
              testId="disturb-tomorrow"
              label={own.tomorrow(time.format(tomorrow))}
              onPress={() => begin(tomorrow)}
            />
            <Button testId="disturb-ever" label={own.ever} onPress={() => begin(null)} />
          </>
        )}
      </div>
    </Section>
  );
}

interface ButtonProps {
  readonly testId: string;
  readonly label: string;
  readonly onPress: () => void;
}

/** A press takes the button away: the focus stays with what it said. */
function Button({ testId, label, onPress }: ButtonProps) {
  return (
    <button
      type="button"
      className="td-action"
      data-testid={testId}
      onClick={event => {
        event.currentTarget.closest("fieldset")?.querySelector("legend")?.focus();
        onPress();
      }}
    >
      {label}
    </button>
  );
}
