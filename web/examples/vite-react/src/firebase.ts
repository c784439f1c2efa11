import { initializeApp } from "firebase/app";
import { connectAuthEmulator, indexedDBLocalPersistence, initializeAuth } from "firebase/auth";

interface Emulators {
  readonly auth: string;
  readonly firestore: string;
}

// In production the variable is not set.
const emulators: Emulators | null = JSON.parse(import.meta.env.VITE_EMULATORS || "null");
// Firebase's own way to name emulators: without an import of Firestore, which would be 157 kB before the first paint.
if (emulators) Object.assign(globalThis, { __FIREBASE_DEFAULTS__: { emulatorHosts: emulators } });

export const app = initializeApp(JSON.parse(import.meta.env.VITE_FIREBASE));
// getAuth would bring what sign-ins by pop-up need, too: 4 kB.
export const auth = initializeAuth(app, { persistence: indexedDBLocalPersistence });
if (emulators) connectAuthEmulator(auth, `http://${emulators.auth}`, { disableWarnings: true });
