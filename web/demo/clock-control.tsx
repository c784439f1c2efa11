import { useEffect, useState } from "react";
import { advanceClock, clock } from "./local-clock";

const steps = [
  { by: "6m", label: "+6 min" },
  { by: "1h", label: "+1 h" },
  { by: "24h", label: "+1 day" },
] as const;

const format = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** The stack's clock: what it says, and the buttons that move it, so that a window of minutes ends at a press. */
export function ClockControl({ base }: { readonly base: string }) {
  const [now, setNow] = useState(() => clock.now());
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const look = () => setNow(clock.now());
    const timer = setInterval(look, 1000);
    const stop = clock.onJump(look);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);

  return (
    <fieldset className="d-clock">
      <legend className="td-hidden">The stack’s clock</legend>
      <time dateTime={new Date(now).toISOString()} data-testid="clock" title="The time as the whole stack sees it">
        {format.format(now)}
      </time>
      {steps.map(({ by, label }) => (
        <button
          key={by}
          type="button"
          className="d-button"
          data-testid={`advance-${by}`}
          title={`Move the stack’s clock ${label}`}
          onClick={() => {
            setProblem(null);
            advanceClock(base, by).catch(() => setProblem("The clock does not answer."));
          }}
        >
          {label}
        </button>
      ))}
      {problem && <span role="alert">{problem}</span>}
    </fieldset>
  );
}
