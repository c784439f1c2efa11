import { useSyncExternalStore } from "react";
import { lastOutcome, type Outcome } from "./backend";
import { heldText } from "./held";
import { EventLog } from "./log-dialog";
import { Spans } from "./spans-dialog";
import type { Person } from "./stack";

/** Of an event with an audience. */
const nobody: readonly string[] = [];

/** The way of the event that was posted last, stage by stage, as far as this page can know it. */
export function LastEvent({ people }: { readonly people: readonly Person[] }) {
  const outcome = useSyncExternalStore(lastOutcome.subscribe, lastOutcome.getSnapshot);
  const recipient = people.find(one => one.uid === outcome?.event.recipients?.[0]);
  return (
    <section className="d-card d-last" aria-label="The way of the last event" data-testid="last-event">
      <h2>{outcome ? outcome.summary : "The way of an event"}</h2>
      {!outcome && <span className="d-quiet">Press a button, and see how long each step takes.</span>}
      <ol className="d-way">
        {stages(outcome, recipient?.name ?? "the recipient").map(stage => (
          <li key={stage.id} data-state={stage.state} data-testid={`stage-${stage.id}`} title={stage.hint}>
            <span data-testid={stage.id === "accepted" ? "last-status" : undefined}>{stage.label}</span>
            <output data-testid={stage.id === "visible" ? "last-visible" : undefined}>{stage.value}</output>
          </li>
        ))}
      </ol>
      {outcome && isRefused(outcome) && (
        <p className="d-problem" role="alert" data-testid="last-problem">
          {problemText(outcome.answer)}
        </p>
      )}
      {outcome && outcome.status > 0 && (
        <div className="d-openers">
          <Spans key={outcome.trace} trace={outcome.trace} />
          {outcome.status === 202 && (
            <EventLog
              key={outcome.event.id}
              id={outcome.event.id}
              recipients={outcome.event.recipients ?? nobody}
              people={people}
            />
          )}
        </div>
      )}
      {outcome && (
        <details>
          <summary>Request and answer</summary>
          <pre>
            <code>{`POST /v1/events\n${JSON.stringify(outcome.event, null, 2)}`}</code>
          </pre>
          <pre data-testid="last-answer">
            <code>{`${outcome.status}\n${
              typeof outcome.answer === "string" ? outcome.answer : JSON.stringify(outcome.answer, null, 2)
            }`}</code>
          </pre>
        </details>
      )}
    </section>
  );
}

interface Stage {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly state: "" | "waiting" | "good" | "bad" | "none";
}

function stages(outcome: Outcome | null, name: string): readonly Stage[] {
  const { status = 0, answeredIn = null, watched = false, way } = outcome ?? {};
  const refused = outcome !== null && isRefused(outcome);
  const stage = (id: string, label: string, hint: string, at: number | null | undefined, without = ""): Stage => {
    if (at !== null && at !== undefined) return { id, label, hint, value: milliseconds(at), state: "good" };
    const waiting = outcome !== null && watched && !refused && without === "";
    return {
      id,
      label,
      hint,
      value: waiting ? "…" : without || "–",
      state: waiting ? "waiting" : outcome ? "none" : "",
    };
  };
  const nothing = way?.noPush === "nothing to tell" ? "no change" : "";
  const once = way?.noPush === "everybody" ? "once, for all" : nothing; // the rules show the list, and not when one was written
  return [
    {
      id: "accepted",
      label: statusText(status, outcome !== null),
      hint: "The 202 waits until Pub/Sub has stored the event: accepted and published are one moment. This page’s clock.",
      value: answeredIn === null ? (outcome ? "…" : "–") : milliseconds(answeredIn),
      state: outcome === null ? "" : status === 0 ? "waiting" : refused ? "bad" : "good",
    },
    stage("folded", "Folded", "The item’s updatedAt: the function’s clock", way?.folded, nothing),
    stage("written", "Written", "The document’s update time: the database’s clock", way?.written, once),
    stage("visible", `On ${name}’s screen`, "When this page’s listener had it", way?.visible, nothing),
    stage("pushed", "Pushed", "When the fake FCM took it: its clock", way?.pushed, heldText(way?.noPush ?? "", name)),
  ];
}

function isRefused({ status }: Outcome): boolean {
  return status >= 400 || status < 0;
}

function statusText(status: number, posted: boolean): string {
  if (!posted) return "Accepted, published";
  if (status === 0) return "Posting";
  if (status === 202) return "202 Accepted, published";
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
