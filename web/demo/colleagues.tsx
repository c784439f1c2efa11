import type { Watcher } from "../src/presence";
import { usePresence } from "../src/presence/react";
import { Face } from "./face";
import type { Person } from "./stack";

/** Which of the people have a window of their own open, as the person of this screen sees it. */
export function Colleagues({
  people,
  watcher,
}: {
  readonly people: readonly Person[];
  readonly watcher: Watcher | null;
}) {
  const seen = usePresence(
    people.map(({ uid }) => uid),
    watcher,
  );
  const there = people.flatMap(person => {
    const presence = seen.get(person.uid);
    return presence?.online ? [{ person, typing: presence.typing }] : [];
  });
  return (
    <ul className="d-colleagues" aria-label="Who is there">
      {there.map(({ person, typing }) => {
        const words = `${person.name} is ${typing ? "typing" : "online"}`;
        return (
          <li key={person.uid} data-testid={`there-${person.uid}`} data-typing={typing || undefined} title={words}>
            <Face person={person} />
            <span className={typing ? "d-quiet" : "td-hidden"}>{typing ? "typing …" : words}</span>
          </li>
        );
      })}
    </ul>
  );
}
