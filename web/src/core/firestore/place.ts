import type { FirebaseApp } from "firebase/app";
import { firestoreOf } from "./instance";

/** Where the app's Firestore is: as Firestore itself says, which may be an emulator. */
export function placeOf(app: FirebaseApp): string {
  const { settings } = firestoreOf(app).toJSON() as { settings?: { host?: string; ssl?: boolean } };
  return `${settings?.ssl === false ? "http" : "https"}://${settings?.host ?? "firestore.googleapis.com"}`;
}
