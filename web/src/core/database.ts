import type { FirebaseApp } from "firebase/app";
import type { InboxUser } from "./connection";
import { emulators } from "./emulators";
import { loadOnce } from "./load-once";
import type { MarkOf, MarkResult } from "./marks";
import type { Cursor, ListenToPage, ListName, Page } from "./page";

/** The person's part of Firestore, which is loaded when it is first used. Every call rejects while it cannot be loaded. */
export interface Database {
  /** What starts the listeners of a list. */
  pages(list: ListName): () => Promise<ListenToPage>;
  readPage(list: ListName, after: Cursor | null): Promise<Page>;
  write(mark: MarkOf): Promise<MarkResult>;
  /** In one commit: only for when there is a network. */
  writeAll(marks: readonly MarkOf[]): Promise<readonly MarkResult[]>;
  /** Finds out how the connection is, at the price of a read, and replaces one that is dead. Resolves to false if that fails. */
  wake(): Promise<boolean>;
  hasEnded(): Promise<boolean>;
  /** A fresh Firestore in the place of one that has ended. */
  replace(): Promise<void>;
  /** The server's time minus this machine's, in milliseconds; null if nobody says. Costs one read. */
  offset(): Promise<number | null>;
  /** Deletes what the browser keeps. */
  forget(): Promise<void>;
}

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
  const load = loadOnce(() => painted().then(() => import("./firestore")));
  const { uid } = user;
  return {
    pages: list => async () => {
      const { listen } = await load();
      return (after, observer) => listen(app, uid, list, after, observer);
    },
    readPage: async (list, after) => (await load()).readPage(app, uid, list, after),
    write: async mark => (await load()).write(app, uid, mark),
    writeAll: async marks => (await load()).writeAll(app, uid, marks),
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
    offset: async () => (await load()).askOffset(app, uid, await user.getIdToken()),
    forget: async () => (await load()).forget(app),
  };
}
