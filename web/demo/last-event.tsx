import { useSyncExternalStore } from "react";
import { lastOutcome, type Outcome } from "./backend";
import type { Person } from "./stack";

/** What became of the event that was posted last: the answer a producer gets, and when the recipient saw it. */
export function LastEvent({ people }: { readonly people: readonly Person[] }) {
  const outcome = useSyncExternalStore(lastOutcome.subscribe, lastOutcome.getSnapshot);
  return (
    <section className="d-card d-last" aria-label="The last event" aria-live="polite" data-testid="last-event">
      <h2>The last event</h2>
      {outcome ? (
        <Told outcome={outcome} people={people} />
      ) : (
        <p className="d-quiet">Press a button. Its event and the answer show up here.</p>
      )}
    </section>
  );
}

function Told({ outcome, people }: { readonly outcome: Outcome; readonly people: readonly Person[] }) {
  const { event, summary, status, answer, answeredIn, visibleIn, watched } = outcome;
  const recipient = people.find(one => one.uid === event.recipients[0]);
  const refused = status >= 400 || status < 0;
  return (
    <>
      <p className="d-summary">{summary}</p>
      <dl className="d-way">
        <div data-state={status === 0 ? "waiting" : refused ? "bad" : "good"}>
          <dt data-testid="last-status">{statusText(status)}</dt>
          <dd>{answeredIn === null ? "…" : milliseconds(answeredIn)}</dd>
        </div>
        {!refused && (watched || visibleIn !== null) && (
          <div data-state={visibleIn === null ? "waiting" : "good"}>
            <dt>On {recipient?.name ?? "the recipient"}’s screen</dt>
            <dd data-testid="last-visible">{visibleIn === null ? "…" : milliseconds(visibleIn)}</dd>
          </div>
        )}
      </dl>
      {refused && (
        <p className="d-problem" data-testid="last-problem">
          {problemText(answer)}
        </p>
      )}
      <details>
        <summary>Request and answer</summary>
        <pre>
          <code>{`POST /v1/events\n${JSON.stringify(event, null, 2)}`}</code>
        </pre>
        <pre data-testid="last-answer">
          <code>{`${status}\n${typeof answer === "string" ? answer : JSON.stringify(answer, null, 2)}`}</code>
        </pre>
      </details>
    </>
  );
}

function statusText(status: number): string {
  if (status === 0) return "Posting";
  if (status === 202) return "202 Accepted";
  return status < 0 ? "No answer" : `${status} Refused`;
}

function milliseconds(value: number): string {
  return `${Math.max(1, Math.round(value))} ms`;
}

/** The sentence of a problem (RFC 9457), or whatever came instead of one. */
function problemText(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) return String(answer);
  if ("detail" in answer && typeof answer.detail === "string") return answer.detail;
  if ("title" in answer && typeof answer.title === "string") return answer.title;
  return JSON.stringify(answer);
}
