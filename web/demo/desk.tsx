import { useRef, useState } from "react";
import { ClockControl } from "./clock-control";
import { Controls } from "./controls";
import { LastEvent } from "./last-event";
import mark from "./mark.svg";
import { Pushes } from "./pushes";
import { Screen } from "./screen";
import type { Sessions } from "./session";
import type { Person, Stack } from "./stack";
import { Weather } from "./weather";

interface DeskProps {
  readonly stack: Stack;
  readonly sessions: Sessions;
}

/** The whole demo on one page: make something happen on the left, watch two people's screens on the right. */
export function Desk({ stack, sessions }: DeskProps) {
  const [alice, bob] = [stack.people[0], stack.people[1]];
  const [onScreen, setOnScreen] = useState<readonly (Person | undefined)[]>([bob, alice]);
  const show = useRef((index: number, person: Person) => {
    // Choosing the person of the other screen swaps the two.
    setOnScreen(shown => shown.map((one, at) => (at === index ? person : one === person ? shown[index] : one)));
  }).current;

  return (
    <div className="d-page">
      <header className="d-top">
        <h1>
          <img src={mark} alt="" width="32" height="32" />
          Tidings
        </h1>
        <p>Post an event. Everyone it concerns sees it within a second: once, grouped, on every screen.</p>
        <a href="?insight" data-testid="to-insight">
          What became of it
        </a>
        <ClockControl base={stack.clock} />
        <Weather stack={stack} sessions={sessions} />
      </header>
      <main className="d-desk">
        <div className="d-left">
          <Controls stack={stack} sessions={sessions} />
        </div>
        <div className="d-right">
          <LastEvent people={stack.people} />
          <div className="d-screens">
            {onScreen.map(
              (person, index) =>
                person && (
                  <Screen
                    key={person.uid}
                    sessions={sessions}
                    people={stack.people}
                    person={person}
                    onPerson={chosen => show(index, chosen)}
                  />
                ),
            )}
          </div>
          <Pushes base={stack.fcm} people={stack.people} />
        </div>
      </main>
    </div>
  );
}
