/** The app's Firestore: made once, replaced when the SDK has ended it, and cleared when the person asks for that. */
import type { FirebaseApp } from "firebase/app";
import {
  clearIndexedDbPersistence,
  collection,
  connectFirestoreEmulator,
  type Firestore,
  getFirestore,
  initializeFirestore,
  memoryLocalCache,
  persistentLocalCache,
  persistentMultipleTabManager,
  terminate,
  waitForPendingWrites,
} from "firebase/firestore";
import { emulators } from "../emulators";
import { errorCode } from "../page";

const firestores = new WeakMap<FirebaseApp, Firestore>();

/** The app's Firestore; in a browser with a cache that outlives the page and is shared by all tabs. */
export function firestoreOf(app: FirebaseApp): Firestore {
  const known = firestores.get(app);
  if (known) return known;
  try {
    const cache = keepsData()
      ? persistentLocalCache({ tabManager: persistentMultipleTabManager() })
      : memoryLocalCache();
    connect(initializeFirestore(app, { localCache: cache }), emulators.get(app));
  } catch (error) {
    // The product has set Firestore up itself, before us: its choice stands.
    if (errorCode(error) !== "failed-precondition") throw error;
  }
  const firestore = getFirestore(app); // connects to the emulator if the SDK's own defaults name one
  firestores.set(app, firestore);
  return firestore;
}

/** React Native has no IndexedDB; there the cache lasts as long as the app runs. */
const keepsData = () => "indexedDB" in globalThis;

function connect(firestore: Firestore, emulator: string | undefined) {
  if (!emulator) return;
  const [host = "", port] = emulator.split(":");
  connectFirestoreEmulator(firestore, host, Number(port));
}

/** Where the items of `uid` are. */
export function inboxOf(app: FirebaseApp, uid: string) {
  return collection(firestoreOf(app), "users", uid, "notifications");
}

/** Puts a fresh Firestore in the place of one that has ended itself. Listeners have to begin again afterwards. */
export function replaceFirestore(app: FirebaseApp): void {
  const ended = firestoreOf(app);
  firestores.delete(app);
  // It leaves the app's registry at once; what it still does, or cannot do any more, is of no interest.
  void terminate(ended).catch(() => {});
}

const farewell = 2000; // ms for the marks that wait; without a network they are lost

/**
 * Ends the app's Firestore and deletes its cache from this browser, with all that the product itself has cached in it.
 * Rejects with "failed-precondition" while another tab uses the cache.
 */
export async function forget(app: FirebaseApp): Promise<void> {
  const firestore = firestoreOf(app);
  await Promise.race([waitForPendingWrites(firestore), new Promise<void>(resolve => setTimeout(resolve, farewell))]);
  firestores.delete(app);
  await terminate(firestore);
  await clearIndexedDbPersistence(firestore);
}
