import { type KeyboardEvent, useId, useRef, useState } from "react";
import { NotificationBell, NotificationPanel, TidingsProvider, Toasts } from "../src/react";
import { Colleagues } from "./colleagues";
import { Face } from "./face";
import { noPicture, stayHere } from "./navigation";
import type { Sessions } from "./session";
import { SignInProblem } from "./sign-in-problem";
import type { Person } from "./stack";
import { useInboxOf, useSamples } from "./use-inbox";
import { useWatcherOf } from "./use-presence";

interface ScreenProps {
  readonly sessions: Sessions;
  readonly people: readonly Person[];
  readonly person: Person;
  readonly onPerson: (person: Person) => void;
}

/** One person's screen on the desk: the bell, and the inbox kept open below it, so that one can watch it change. */
export function Screen({ sessions, people, person, onPerson }: ScreenProps) {
  const opening = useInboxOf(sessions, person);
  const { inbox } = opening;
  const watcher = useWatcherOf(sessions, inbox);
  const bell = useRef<HTMLButtonElement>(null);
  const panel = useId();
  const [open, setOpen] = useState(true);
  useSamples(inbox, person, people);

  function close(event: KeyboardEvent<HTMLElement>) {
    // While a menu is open, Escape closes that and no more.
    if (event.key !== "Escape" || event.currentTarget.querySelector(":popover-open")) return;
    setOpen(false);
    bell.current?.focus();
  }

  const header = (bellButton: React.ReactNode) => (
    <header className="d-screen-head">
      <Face person={person} />
      <select
        aria-label="Whose screen this is"
        data-testid="screen-person"
        value={person.uid}
        onChange={event => {
          const chosen = people.find(one => one.uid === event.target.value);
          if (chosen) onPerson(chosen);
        }}
      >
        {people.map(one => (
          <option key={one.uid} value={one.uid}>
            {one.name}’s screen
          </option>
        ))}
      </select>
      <a
        className="d-quiet"
        aria-label={`${person.name} in an own window`}
        href={`?person=${person.uid}`}
        target="_blank"
        rel="noreferrer"
      >
        <span className="d-long">Own window </span>
        <span aria-hidden="true">↗</span>
      </a>
      <Colleagues people={people.filter(one => one !== person)} watcher={watcher} />
      {bellButton}
    </header>
  );

  if (!inbox) {
    return (
      <section className="d-screen" aria-label={`${person.name}’s screen`} data-testid={`screen-${person.uid}`}>
        {header(null)}
        <SignInProblem person={person} opening={opening} className="d-screen-note" />
      </section>
    );
  }
  return (
    <TidingsProvider inbox={inbox} onOpen={stayHere} pictureOf={noPicture}>
      <section className="d-screen" aria-label={`${person.name}’s screen`} data-testid={`screen-${person.uid}`}>
        {header(
          <NotificationBell ref={bell} aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)} />,
        )}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape closes the panel from anywhere inside it. */}
        <div id={panel} className="d-screen-body" hidden={!open} onKeyDown={close}>
          <NotificationPanel />
        </div>
        {/* Where the list is open it says all; a toast would lie over the other person's. */}
        {!open && (
          <>
            <p className="d-screen-note d-quiet">Press the bell to open the inbox.</p>
            <Toasts />
          </>
        )}
      </section>
    </TidingsProvider>
  );
}
