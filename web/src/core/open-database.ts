import type { FirebaseApp } from "firebase/app";
import type { InboxUser } from "./connection";
import type { Database } from "./database";
import { emulators } from "./emulators";
import { loadOnce } from "./load-once";

const patience = 1500; // ms; giving up connections is this machine's own work

export interface DatabaseParts {
  readonly app: FirebaseApp;
  readonly user: InboxUser;
  /** "host:port". */
  readonly firestoreEmulator?: string;
}

/** Loads Firestore when it is first used, but not before `painted`. */
export function openDatabase({ app, user, firestoreEmulator }: DatabaseParts, painted: () => Promise<void>): Database {
  if (firestoreEmulator) emulators.set(app, firestoreEmulator);
  const load = loadOnce(() => painted().then(() => import("./late")));
  const { uid } = user;
  const told = loadOnce(async () => {
    const late = await load();
    return late.openTold(late, app, user);
  });

  return {
    pages: list => async () => {
      const { listen } = await load();
      return (after, observer) => listen(app, uid, list, after, observer);
    },
    announcements: async () => (await told()).listen,
    readPage: async (...asked) => (await load()).readPage(app, uid, ...asked),
    async writeEach(marks) {
      const { write } = await load();
      return Promise.all(marks.map(mark => write(app, uid, mark)));
    },
    writeAll: async marks => (await load()).writeAll(app, uid, marks),
    profile: {
      async listen() {
        const { listenToProfile } = await load();
        return observer => listenToProfile(app, uid, observer);
      },
      write: async change => (await load()).writeProfile(app, uid, change),
    },
    async wake() {
      const { examine, reconnect } = await load();
      if ((await examine(app, uid)) !== "dead") return true;
      const given = new Promise<false>(resolve => setTimeout(() => resolve(false), patience));
      const done = reconnect(app).then(
        () => true,
        () => false,
      );
      return Promise.race([done, given]);
    },
    hasEnded: async () => (await load()).hasEnded(app),
    replace: async () => (await load()).replaceFirestore(app),
    offset: async () => (await told()).offset(),
    forget: async () => (await load()).forget(app),
  };
}
