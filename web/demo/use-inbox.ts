import { useEffect, useRef, useState } from "react";
import { type Alerts, type Inbox, openAlerts } from "../src/core";
import { openPush, type Push } from "../src/push";
import { localTokens, receivePushes } from "./local-push";
import { addSamples } from "./samples";
import type { Sessions } from "./session";
import type { Person } from "./stack";

export interface Opening {
  readonly inbox: Inbox | null;
  /** Why there is none, for people; null while it opens. */
  readonly problem: string | null;
  retry(): void;
}

/** Signs the person in and holds their inbox for as long as the component is on screen. */
export function useInboxOf(sessions: Sessions, person: Person): Opening {
  const [state, setState] = useState<{ uid: string; inbox: Inbox | null; problem: string | null } | null>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another sign-in.
  useEffect(() => {
    let current = true;
    const held = sessions.hold(person);
    held.inbox.then(
      inbox => current && setState({ uid: person.uid, inbox, problem: null }),
      (error: Error) => current && setState({ uid: person.uid, inbox: null, problem: error.message }),
    );
    return () => {
      current = false;
      held.release();
    };
  }, [sessions, person, attempt]);

  const own = state?.uid === person.uid ? state : null;
  return {
    inbox: own?.inbox ?? null,
    problem: own?.problem ?? null,
    retry() {
      setState(null);
      setAttempt(attempt + 1);
    },
  };
}

/** The sample items for a person on the desk who has none. `?samples=no` leaves them out. */
export function useSamples(inbox: Inbox | null, person: Person, people: readonly Person[]) {
  useEffect(() => {
    if (!inbox || new URLSearchParams(location.search).get("samples") === "no") return;
    return addSamples(inbox, person, people);
  }, [inbox, person, people]);
}

export interface Alerting {
  readonly alerts: Alerts | null;
  /** Ends the pushes to this browser, as before a sign-out. */
  signOut(): Promise<void>;
}

/** Browser notifications, sound and pushes for that inbox, for as long as the component is on screen. */
export function useAlertsOf(sessions: Sessions, inbox: Inbox | null, fcm: string): Alerting {
  const [alerts, setAlerts] = useState<Alerts | null>(null);
  const push = useRef<Push | null>(null);
  useEffect(() => {
    if (!inbox) return;
    // A browser that wants no worker shows notifications without buttons, and no pushes.
    const registration = navigator.serviceWorker?.register("/worker.js").catch(() => null) ?? Promise.resolve(null);
    const opened = openAlerts(inbox, { registration });
    const stop = receivePushes(fcm, inbox.uid, registration);
    let current = true;
    void sessions.account(inbox.uid).then(({ app }) => {
      if (current) push.current = openPush({ app, inbox, registration, source: localTokens, alerts: opened });
    });
    setAlerts(opened);
    return () => {
      current = false;
      push.current?.close();
      push.current = null;
      setAlerts(null);
      stop();
      opened.close();
    };
  }, [sessions, inbox, fcm]);
  return { alerts, signOut: async () => push.current?.signOut() };
}
