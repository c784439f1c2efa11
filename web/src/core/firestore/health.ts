/** Whether the app's Firestore still works. */
import type { FirebaseApp } from "firebase/app";
import { disableNetwork, doc, enableNetwork, getDocFromServer, onSnapshotsInSync } from "firebase/firestore";
import { errorCode } from "../page";
import { firestoreOf } from "./instance";
import { placeOf } from "./place";

/** alive: the server answers on the connection that is there. dead: it answers only on a new one. silent: not at all. */
export type Health = "alive" | "dead" | "silent";

const grace = 350; // ms without a sign of life by which the old connection may be slower than a new one
export const longest = 3000; // ms; a network that takes longer is as good as none

/**
 * Asks the server on the connection that is there, and beside it on a new one. Only where the new one is answered and the
 * old one is silent is the connection dead: a slow network is slow on both, and what the product has asked before us is
 * answered before us. Costs one read.
 */
export async function examine(app: FirebaseApp, uid: string): Promise<Health> {
  const old = getDocFromServer(doc(firestoreOf(app), "users", uid)).then(
    () => true,
    // A refusal is an answer, too. "unavailable" is the SDK's own word, for no answer.
    error => errorCode(error) !== "unavailable",
  );
  const started = performance.now();
  const fresh = knock(app).then(async answered => {
    if (!answered) return "silent" as const;
    await silence(app, Math.max(grace, performance.now() - started));
    return "dead" as const;
  });
  return Promise.race([old.then(answered => (answered ? ("alive" as const) : fresh)), fresh]);
}

/** Waits until Firestore has said nothing for so long, which what the product asks ends, too; `longest` at most. */
async function silence(app: FirebaseApp, span: number): Promise<void> {
  const end = performance.now() + longest;
  let heard = performance.now();
  const stop = onSnapshotsInSync(firestoreOf(app), () => {
    heard = performance.now();
  });
  for (let left = span; left > 0; left = Math.min(heard + span, end) - performance.now()) await wait(left);
  stop();
}

const knocks = [0, 80, 160]; // ms; a browser may first take a connection that it has kept, and that has died like the other

/** Whether the server answers anything at all on a new connection. */
async function knock(app: FirebaseApp): Promise<boolean> {
  const over = abortAfter(longest);
  const attempts = knocks.map(async after => {
    await wait(after);
    await fetch(placeOf(app), { mode: "no-cors", cache: "no-store", signal: over });
  });
  return Promise.any(attempts).then(
    () => true,
    () => false,
  );
}

/**
 * Gives up all connections and makes new ones, which then find out within a fraction of a second what waiting for a dead
 * one takes half a minute to. Listeners and queued marks stay. A read that the product sends at this very moment fails.
 */
export async function reconnect(app: FirebaseApp): Promise<void> {
  const firestore = firestoreOf(app);
  await disableNetwork(firestore);
  await enableNetwork(firestore);
}

const pulse = 3000; // ms; a page that works answers within one of its tasks

/**
 * Whether the SDK has ended itself: after a mistake of its own (firebase-js-sdk #10310), or because the person has cleared
 * the site's data. It then says nothing at all any more. Asks no server.
 */
export async function hasEnded(app: FirebaseApp): Promise<boolean> {
  try {
    let stop = () => {};
    const beats = new Promise<void>(resolve => {
      stop = onSnapshotsInSync(firestoreOf(app), resolve); // answers at once
    });
    const ended = await Promise.race([beats.then(() => false), wait(pulse).then(() => true)]);
    stop();
    return ended;
  } catch {
    return true;
  }
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** `AbortSignal.timeout`, which React Native does not have. */
export function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}
