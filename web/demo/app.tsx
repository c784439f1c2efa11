import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { Desk } from "./desk";
import { clock, followClock } from "./local-clock";
import mark from "./mark.svg";
import { OwnWindow } from "./own-window";
import { firestoreHostFor, openSessions } from "./session";
import { findStack, type Person, type Stack } from "./stack";

interface Ground {
  readonly stack: Stack;
  /** Whose own window this is; undefined for the desk. */
  readonly person: Person | undefined;
  readonly firestoreHost: string;
}

type Found = Ground | { readonly problem: string } | null;

async function findGround(): Promise<Ground> {
  const stack = await findStack();
  const uid = new URLSearchParams(location.search).get("person");
  const person = stack.people.find(one => one.uid === uid);
  return { stack, person, firestoreHost: await firestoreHostFor(stack, person) };
}

const Insight = lazy(async () => ({ default: (await import("./insight")).Insight }));

/** The page `?insight` loads by itself; everything else is about the stack's people. */
export function App() {
  if (new URLSearchParams(location.search).has("insight")) {
    return (
      <Suspense>
        <Insight />
      </Suspense>
    );
  }
  return <Demo />;
}

/** Finds the stack, and shows the desk, or with `?person=bob` that person's own window. */
function Demo() {
  const [found, setFound] = useState<Found>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another look.
  useEffect(() => {
    let current = true;
    findGround().then(
      ground => current && setFound(ground),
      (error: Error) => current && setFound({ problem: error.message }),
    );
    return () => {
      current = false;
    };
  }, [attempt]);

  if (found === null) return null;
  if ("problem" in found) return <NoStack problem={found.problem} onRetry={() => setAttempt(attempt + 1)} />;
  return <Running ground={found} />;
}

const lookAtClock = 5000; // ms; someone else may move it: a test, or another window

function Running({ ground }: { readonly ground: Ground }) {
  const { stack, person, firestoreHost } = ground;
  const sessions = useMemo(() => openSessions(stack, firestoreHost, clock), [stack, firestoreHost]);
  useEffect(() => {
    void followClock(stack.clock);
    const timer = setInterval(() => void followClock(stack.clock), lookAtClock);
    return () => clearInterval(timer);
  }, [stack]);

  if (person) return <OwnWindow stack={stack} sessions={sessions} person={person} />;
  return <Desk stack={stack} sessions={sessions} />;
}

function NoStack({ problem, onRetry }: { readonly problem: string; readonly onRetry: () => void }) {
  return (
    <main className="d-alone" data-testid="no-stack">
      <img src={mark} alt="" width="56" height="56" />
      <h1>Nothing to show yet</h1>
      <p>{problem}</p>
      <p>In the repository's root, run</p>
      <pre>
        <code>go run ./emulator</code>
      </pre>
      <p>and open the address that it prints for “web”.</p>
      <button type="button" className="d-button" onClick={onRetry}>
        Look again
      </button>
    </main>
  );
}
