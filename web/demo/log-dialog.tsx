import { useEffect, useState } from "react";
import { DialogButton } from "./dialog-button";
import { clock, type Log, type Recipient, readLog } from "./log";
import type { Person } from "./stack";

interface EventLogProps {
  /** Of the event. */
  readonly id: string;
  readonly recipients: readonly string[];
  readonly people: readonly Person[];
}

/** A button that opens the log of one event: what was decided for each recipient and channel, and why. */
export function EventLog({ id, recipients, people }: EventLogProps) {
  return (
    <DialogButton label="Show its log" heading="The log of this event" testId="log">
      {() => <Decisions id={id} recipients={recipients} people={people} />}
    </DialogButton>
  );
}

const pause = 1000; // ms; a function tells facts within a second

const channels: Readonly<Record<string, string>> = { in_app: "In the app", push: "Push", email: "E-mail" };

function Decisions({ id, recipients, people }: EventLogProps) {
  const [log, setLog] = useState<Log>({ problem: "Asking …" });
  useEffect(() => {
    let on = true;
    const look = () =>
      readLog(id, recipients).then(
        found => on && setLog(before => (JSON.stringify(before) === JSON.stringify(found) ? before : found)),
        () => on && setLog({ problem: "Nobody answers." }),
      );
    void look();
    const timer = setInterval(look, pause);
    return () => {
      on = false;
      clearInterval(timer);
    };
  }, [id, recipients]);
  if ("problem" in log)
    return (
      <p className="d-quiet" data-testid="log-problem">
        {log.problem}
      </p>
    );
  const nameOf = ({ uid }: Recipient) => people.find(one => one.uid === uid)?.name ?? uid ?? "Everybody";
  return (
    <>
      {log.recipients.map(recipient => (
        <section key={recipient.person} aria-label={nameOf(recipient)} data-testid="log-recipient">
          <table>
            <caption>{nameOf(recipient)}</caption>
            <thead>
              <tr>
                <th scope="col">Channel</th>
                <th scope="col">Decision</th>
                <th scope="col">Why</th>
                <th scope="col">When</th>
                <th scope="col">Attempts</th>
              </tr>
            </thead>
            <tbody>
              {recipient.decisions.map(decision => (
                <tr key={decision.channel} data-testid={`log-${decision.channel}`}>
                  <th scope="row">{channels[decision.channel] ?? decision.channel}</th>
                  <td data-label="Decision">
                    <b>{decision.outcome}</b> {decision.reason && <code>{decision.reason}</code>}
                  </td>
                  <td data-label="Why">{decision.says}</td>
                  <td data-label="When" title={decision.instance}>
                    {clock(decision.at)}
                  </td>
                  <td data-label="Attempts">{decision.attempts}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
      <p className="d-quiet">
        The same from a terminal: <code>GET /v1/events/producer/{id}/log</code>, of the function insight.
      </p>
    </>
  );
}
