import type { FirebaseApp } from "firebase/app";
import { retryDelay } from "../core/backoff";
import type { Inbox } from "../core/inbox";
import type { Path, Shown } from "./documents";
import { absent, follow, type PresenceOf } from "./follow";
import { loadDocuments } from "./load";

export interface WatchOptions {
  readonly app: FirebaseApp;
  /** The inbox of the person who watches. */
  readonly inbox: Inbox;
  /** The audience in which people see each other. */
  readonly audience: string;
}

/** Where one can see who is there. */
export interface Watcher {
  /**
   * Calls `listener` now and at every change of whether that person is there. They see each other only as members of the
   * audience; anybody else is never there. Each person watched costs two reads at each renewal of their lease, every 40
   * seconds. Returns the function that ends it.
   */
  watch(uid: string, listener: (presence: PresenceOf) => void): () => void;
}

/** Watches without being seen: for a page that shows who is there and is not itself somebody's. */
export function watchPresence({ app, inbox, audience }: WatchOptions): Watcher {
  return {
    watch(uid, listener) {
      const following = follow(inbox.clock, listener);
      listener(absent);
      const stop = listenTo(app, presencePath(audience, uid), following.arrived);
      return () => {
        following.close();
        stop();
      };
    },
  };
}

export function presencePath(audience: string, uid: string): Path {
  return ["audiences", audience, "presence", uid];
}

/**
 * Listens to the presence at `path`; null where there is none. While its part of the package cannot be loaded nobody is there,
 * and it is tried again after a back-off. Returns the function that ends it.
 */
export function listenTo(app: FirebaseApp, path: Path, changed: (shown: Shown | null) => void): () => void {
  let stop = () => {};
  let over = false;
  function begin(tries: number) {
    loadDocuments().then(
      documents => {
        if (!over) stop = documents.listen(app, path, changed);
      },
      () => {
        if (over) return;
        const timer = setTimeout(() => begin(tries + 1), retryDelay(tries, Math.random()));
        stop = () => clearTimeout(timer);
      },
    );
  }
  begin(0);
  return () => {
    over = true;
    stop();
  };
}
