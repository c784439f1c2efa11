/**
 * Firestore's REST API, for leases. What Firestore's SDK sends is lost where the page closes, waits where there is no network and
 * comes late as news, and counts meanwhile as a change of the person's that is not stored yet.
 */
import type { FirebaseApp } from "firebase/app";
import { retryDelay } from "../core/backoff";
import { placeOf } from "../core/firestore";

const mostTries = 4; // somebody else writes the document, or reads it and holds it: Firestore answers 409, after a second or two
const longest = 10_000; // ms; a network that takes longer is as good as none

/** The SDK's code where Firestore cannot be reached, or cannot do it now. */
const unavailable = "unavailable";

/** The code where the rules do not allow it. */
export const refused = "permission-denied";

/** The name of the document at `path`. */
export function nameOf(app: FirebaseApp, path: readonly string[]): string {
  return `projects/${app.options.projectId}/databases/(default)/documents/${path.join("/")}`;
}

/** Carries out one write. The `last` one outlives the page, which may be closing; any other one must not arrive behind it. */
export async function commit(app: FirebaseApp, idToken: string, write: object, last = false): Promise<void> {
  await post(app, idToken, "commit", { writes: [write] }, last);
}

/** Posts to a method of the database. The errors have a code. */
export async function post(
  app: FirebaseApp,
  idToken: string,
  method: string,
  body: object,
  keepalive = false,
): Promise<Response> {
  const url = `${placeOf(app)}/v1/${nameOf(app, []).slice(0, -1)}:${method}`;
  const options = { method: "POST", keepalive, headers: { Authorization: `Bearer ${idToken}` } };
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url, {
      ...options,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(longest),
    }).catch((cause: unknown) => fail(`no answer (${cause})`, unavailable));
    if (answer.ok) return answer;
    const passes = answer.status === 409 || answer.status === 429 || answer.status >= 500;
    if (!passes || tries === mostTries) {
      return fail(`${answer.status}`, answer.status === 403 ? refused : passes ? unavailable : "unknown");
    }
    await new Promise(resolve => setTimeout(resolve, retryDelay(tries - 1, Math.random())));
  }
}

function fail(what: string, code: string): never {
  throw Object.assign(new Error(`Firestore: ${what}`), { code });
}
