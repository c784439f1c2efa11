/** Leases in Firestore. Loaded when the first one is taken. */
import type { FirebaseApp } from "firebase/app";
import { doc, onSnapshot, setDoc, Timestamp } from "firebase/firestore";
import { firestoreOf } from "../core/firestore";

const mostTries = 4; // while the mirror function reads the lease, Firestore answers 409, after a second or two

/** Where a lease stands: that of a page, or a person's in an audience. */
export type Path = readonly [string, ...string[]];

export function put(app: FirebaseApp, path: Path, expiresAt: number, fields: Record<string, unknown>): Promise<void> {
  return setDoc(doc(firestoreOf(app), ...path), { ...fields, expiresAt: Timestamp.fromMillis(expiresAt) });
}

/**
 * Deletes it by a request that outlives the page: mostly the page is being closed, and then what Firestore's SDK sends is lost.
 * One that is lost nevertheless does no harm: a lease ends.
 */
export async function remove(app: FirebaseApp, path: Path, idToken: string): Promise<void> {
  // Firestore itself says where it is: in an emulator, it may be.
  const { settings } = firestoreOf(app).toJSON() as { settings?: { host?: string; ssl?: boolean } };
  const base = `${settings?.ssl === false ? "http" : "https"}://${settings?.host ?? "firestore.googleapis.com"}/v1`;
  const name = `projects/${app.options.projectId}/databases/(default)/documents/${path.map(encodeURIComponent).join("/")}`;
  const options = { method: "DELETE", keepalive: true, headers: { Authorization: `Bearer ${idToken}` } };
  for (let tries = 0; tries < mostTries; tries++) {
    const { status } = await fetch(`${base}/${name}`, options);
    if (status !== 409 && status < 500) return;
  }
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
