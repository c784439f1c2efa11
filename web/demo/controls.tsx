import { Fragment, useRef, useState } from "react";
import { Icon } from "../src/react/icons";
import { postEvent } from "./backend";
import { Effect } from "./effect";
import { Face } from "./face";
import { trace } from "./pipeline";
import { Replays } from "./replays";
import { operations, type Scenario, social } from "./scenarios";
import type { Sessions } from "./session";
import type { Person, Stack } from "./stack";

interface ControlsProps {
  readonly stack: Stack;
  readonly sessions: Sessions;
}

/** Who does something to whom, and the buttons that make it happen. */
export function Controls({ stack, sessions }: ControlsProps) {
  const { people } = stack;
  const [to, setTo] = useState<Person | undefined>(people[1] ?? people[0]);
  const [chosen, setActor] = useState<Person | undefined>(people[2] ?? people[0]);
  const pressed = useRef(new Map<string, number>());
  const [last, setLast] = useState<{ readonly id: string; readonly to: Person } | null>(null);
  if (!to) return null;
  // Nobody is told about what they did themselves, so the recipient cannot be the one who acts.
  const actor = chosen && chosen !== to ? chosen : people.find(one => one !== to);
  if (!actor) return null;

  async function press(scenario: Scenario, summary: string, { uid }: Person, by: Person, recipient: Person) {
    const key = `${scenario.id} ${uid}`;
    const times = pressed.current.get(key) ?? 0;
    pressed.current.set(key, times + 1);
    setLast({ id: scenario.id, to: recipient });
    const what = scenario.event({ actor: by, to: recipient, times });
    const event = { id: crypto.randomUUID(), ...what, ...(what.audience ? {} : { recipients: [recipient.uid] }) };
    // Only a screen of this page can tell when it showed the event.
    const shown = sessions.shown(recipient);
    await postEvent(
      event,
      what.audience ? `${scenario.label} → ${what.audience}` : summary,
      shown &&
        (async (startedAt, tell) => {
          const { inbox, idToken } = await shown;
          await trace({ stack, inbox, type: event.type, startedAt, tell, idToken });
        }),
    );
  }

  const buttons = (scenarios: readonly Scenario[], summary: (scenario: Scenario) => string) => (
    <div className="d-buttons">
      {scenarios.map(scenario => (
        <Fragment key={scenario.id}>
          <button
            type="button"
            className="d-button"
            data-testid={`do-${scenario.id}`}
            title={scenario.hint}
            onClick={() => void press(scenario, summary(scenario), to, actor, to)}
          >
            <Icon name={scenario.icon} />
            {scenario.label}
          </button>
          {last?.id === scenario.id && <Effect to={last.to} />}
        </Fragment>
      ))}
    </div>
  );

  return (
    <section className="d-card d-controls" aria-label="Make something happen">
      <h2>Make something happen</h2>
      <PersonPicker legend="for" name="to" people={people} value={to} onPick={setTo} />
      <PersonPicker
        legend="by"
        name="actor"
        people={people.filter(one => one !== to)}
        value={actor}
        onPick={setActor}
      />
      {buttons(social, scenario => `${scenario.label}: ${actor.name} → ${to.name}`)}
      <p className="d-or d-quiet">or all by itself</p>
      {buttons(operations, scenario => `${scenario.label} → ${to.name}`)}
      <Replays to={to} />
    </section>
  );
}

interface PersonPickerProps {
  readonly legend: string;
  readonly name: string;
  readonly people: readonly Person[];
  readonly value: Person;
  readonly onPick: (person: Person) => void;
}

function PersonPicker({ legend, name, people, value, onPick }: PersonPickerProps) {
  return (
    <fieldset className="d-people">
      <legend>{legend}</legend>
      {people.map(person => (
        <label key={person.uid} data-testid={`${name}-${person.uid}`}>
          <input type="radio" name={name} checked={person === value} onChange={() => onPick(person)} />
          <Face person={person} />
          {person.name}
        </label>
      ))}
    </fieldset>
  );
}
