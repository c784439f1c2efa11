/** The installation's document, `users/{uid}/devices/{id}`. Loaded when it is needed: it brings Firestore with it. */
import type { FirebaseApp } from "firebase/app";
import { deleteDoc, doc, getDocFromServer, serverTimestamp, setDoc, Timestamp } from "firebase/firestore";
import { firestoreOf } from "../core/firestore";

export interface Installation {
  readonly uid: string;
  /** The same for as long as the browser keeps this site's data. */
  readonly id: string;
  readonly token: string;
  /** BCP 47; what pushes are written in. */
  readonly locale: string;
}

const refresh = 14 * 86_400_000; // ms; after 30 days unseen a device is no longer pushed to

/** Says that the installation is there, unless it stands there rightly and has said so lately. */
export async function register(app: FirebaseApp, { uid, id, token, locale }: Installation): Promise<void> {
  const ref = doc(firestoreOf(app), "users", uid, "devices", id);
  const known = (await getDocFromServer(ref)).data();
  const seen = known?.lastSeenAt instanceof Timestamp ? known.lastSeenAt.toMillis() : 0;
  if (known?.value === token && known.locale === locale && Date.now() - seen < refresh) return;
  await setDoc(ref, { kind: "token", value: token, platform: "web", locale, lastSeenAt: serverTimestamp() });
}

export async function deregister(app: FirebaseApp, uid: string, id: string): Promise<void> {
  await deleteDoc(doc(firestoreOf(app), "users", uid, "devices", id));
}
