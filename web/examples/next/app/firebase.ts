import { initializeApp } from "firebase/app";
import { getAuth } from "firebase/auth";

// Firebase's own way to name emulators, without an import of Firestore. In production the variable is not set.
const emulators: string | undefined = process.env.NEXT_PUBLIC_EMULATORS;
if (emulators) Object.assign(globalThis, { __FIREBASE_DEFAULTS__: { emulatorHosts: JSON.parse(emulators) } });

export const app = initializeApp(JSON.parse(process.env.NEXT_PUBLIC_FIREBASE ?? "{}"));
export const auth = getAuth(app);
