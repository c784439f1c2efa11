/** Leases in Firestore. Loaded when the first one is taken. */
import type { FirebaseApp } from "firebase/app";
import { doc, onSnapshot, setDoc, Timestamp } from "firebase/firestore";
import { firestoreOf } from "../core/firestore";
import { commit, nameOf } from "./rest";

export { giveBack, hold } from "./sessions";

/** Where a person's lease in an audience stands. */
export type Path = readonly [string, ...string[]];

export function put(app: FirebaseApp, path: Path, expiresAt: number, typing: boolean): Promise<void> {
  return setDoc(doc(firestoreOf(app), ...path), { typing, expiresAt: Timestamp.fromMillis(expiresAt) });
}

/** Deletes it, mostly because the page is being closed. One that is lost nevertheless does no harm: a lease ends. */
export function remove(app: FirebaseApp, path: Path, idToken: string): Promise<void> {
  return commit(app, idToken, { delete: nameOf(app, path) }, true);
}

/** What a person shows of themselves. */
export interface Shown {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly typing: boolean;
}

/** Listens to one person's presence. `changed` gets null where there is none, or where it is not ours to see. */
export function listen(app: FirebaseApp, path: Path, changed: (shown: Shown | null) => void): () => void {
  return onSnapshot(
    doc(firestoreOf(app), ...path),
    snapshot => {
      const data = snapshot.data();
      const until = data?.expiresAt;
      changed(until instanceof Timestamp ? { expiresAt: until.toMillis(), typing: data?.typing === true } : null);
    },
    () => changed(null),
  );
}
