import type { FirebaseApp } from "firebase/app";

/** The Firestore emulators, "host:port", that the product has named. Set at the start; read when Firestore has been loaded. */
export const emulators = new WeakMap<FirebaseApp, string>();
