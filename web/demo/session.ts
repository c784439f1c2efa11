import { type FirebaseApp, initializeApp } from "firebase/app";
import {
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
  signInWithEmailAndPassword,
  type User,
} from "firebase/auth";
import { type Clock, type Inbox, openInbox } from "../src/core";
import type { Person, Stack } from "./stack";

/** Signs people in, each with a Firebase app of their own, so that several people's screens fit on one page. */
export interface Sessions {
  /** Opens the person's inbox, or shares the one that is open. Release it when its screen goes. */
  hold(person: Person): Held;
  /** Whom the person is signed in as, once a screen of this page holds their inbox. */
  account(uid: string): Promise<Account>;
  /** The person's inbox if some screen of this page holds it, and a token to ask the database in their name. */
  shown(person: Person): Promise<{ readonly inbox: Inbox; readonly idToken: () => Promise<string> }> | null;
  /** Cuts the database off from all screens of this page, or connects it again. */
  cut(off: boolean): Promise<void>;
}

export interface Account {
  readonly app: FirebaseApp;
  readonly user: User;
}

export interface Held {
  /** Rejects if the person cannot be signed in; hold again to try again. */
  readonly inbox: Promise<Inbox>;
  release(): void;
}

interface Opened {
  readonly inbox: Promise<Inbox>;
  holders: number;
}

const grace = 1000; // ms; a screen that is drawn anew holds again at once

/** Sessions on `stack`, at a Firestore emulator reached under `firestoreHost`. */
export function openSessions(stack: Stack, firestoreHost: string, clock: Clock): Sessions {
  // What the Firebase SDKs themselves read to find emulators: the package needs no "if local".
  Object.assign(globalThis, {
    __FIREBASE_DEFAULTS__: { emulatorHosts: { firestore: `${firestoreHost}:${stack.firestore.port}` } },
  });
  const signedIn = new Map<string, Promise<Account>>();
  const opened = new Map<string, Opened>();

  async function signIn(person: Person) {
    // The Auth emulator takes any key; the SDK wants one.
    const app = initializeApp({ projectId: stack.project, apiKey: "emulator" }, person.uid);
    const auth = initializeAuth(app, { persistence: indexedDBLocalPersistence });
    connectAuthEmulator(auth, stack.auth, { disableWarnings: true });
    try {
      return { app, user: (await signInWithEmailAndPassword(auth, person.email, person.password)).user };
    } catch (error) {
      // Without a network, whoever was signed in here still is.
      await auth.authStateReady();
      if (auth.currentUser?.uid !== person.uid) throw error;
      return { app, user: auth.currentUser };
    }
  }

  async function open(person: Person): Promise<Inbox> {
    const signing = signedIn.get(person.uid) ?? signIn(person);
    signedIn.set(person.uid, signing);
    try {
      return openInbox({ ...(await signing), clock });
    } catch (error) {
      signedIn.delete(person.uid);
      opened.delete(person.uid);
      throw error;
    }
  }

  async function close(uid: string, session: Opened) {
    if (session.holders > 0 || opened.get(uid) !== session) return;
    opened.delete(uid);
    (await session.inbox.catch(() => null))?.close();
  }

  return {
    hold(person) {
      const session = opened.get(person.uid) ?? { inbox: open(person), holders: 0 };
      opened.set(person.uid, session);
      session.holders++;
      return {
        inbox: session.inbox,
        release() {
          session.holders--;
          setTimeout(() => void close(person.uid, session), grace);
        },
      };
    },
    account: uid => signedIn.get(uid) ?? Promise.reject(new Error(`${uid} is not signed in here.`)),
    shown(person) {
      const inbox = opened.get(person.uid)?.inbox;
      const signing = signedIn.get(person.uid);
      if (!inbox || !signing) return null;
      return Promise.all([inbox, signing]).then(([open, { user }]) => ({
        inbox: open,
        idToken: () => user.getIdToken(),
      }));
    },
    async cut(off) {
      // The browser's own signs of it: Firestore answers each with a new connection, which is then taken from it.
      Object.defineProperty(navigator, "onLine", { configurable: true, get: () => !off });
      window.dispatchEvent(new Event(off ? "offline" : "online"));
      const { disableNetwork, enableNetwork, getFirestore } = await import("firebase/firestore");
      for (const signing of signedIn.values()) {
        await (off ? disableNetwork : enableNetwork)(getFirestore((await signing).app));
      }
    },
  };
}

/**
 * The name under which this page reaches the Firestore emulator. Browsers open six connections per host name over
 * HTTP/1.1, and each person with an open inbox uses two of them for good, in all windows together: a person's own window
 * therefore uses a name of its own, where the browser knows that everything under "localhost" is this machine.
 */
export async function firestoreHostFor(stack: Stack, person: Person | undefined): Promise<string> {
  const { host, port } = stack.firestore;
  if (!person) return host;
  const own = `${person.uid}.localhost`;
  const answer = await fetch(`http://${own}:${port}/`, { mode: "no-cors" }).catch(() => null);
  return answer ? own : host;
}
