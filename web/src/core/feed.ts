/**
 * The feed: one bounded Firestore listener, and the marks that the owner may write. It is the only file that knows
 * Firestore, and it is loaded after the first paint (about 160 kB compressed, most of what a page with an inbox weighs).
 */
import type { FirebaseApp } from "firebase/app";
import {
  collection,
  doc,
  type Firestore,
  getFirestore,
  initializeFirestore,
  limit,
  onSnapshot,
  orderBy,
  persistentLocalCache,
  persistentMultipleTabManager,
  query,
  serverTimestamp,
  updateDoc,
  where,
} from "firebase/firestore";
import { decodeNotification } from "./decode";
import type { Notification } from "./model";

/** How many items the listener holds. A listener is billed one read per item and change, so it must have an end. */
export const feedLimit = 100;

/** What a listener tells. After `failed` it is over and says nothing more. */
export interface FeedObserver {
  /** The whole list, whenever anything in it changes. An unchanged item is the same object as before. */
  items(items: readonly Notification[], fromCache: boolean): void;
  failed(error: unknown): void;
}

/** Listens to the inbox of `uid`. Answers the function that ends it. */
export function listen(app: FirebaseApp, uid: string, observer: FeedObserver): () => void {
  const feed = query(
    inboxOf(app, uid),
    where("archivedAt", "==", null),
    orderBy("rank", "desc"),
    orderBy("updatedAt", "desc"),
    limit(feedLimit),
  );
  let decoded = new Map<string, Notification>();
  return onSnapshot(
    feed,
    // Metadata too: it tells when a mark has reached the server, and when the cache has given way to the server.
    { includeMetadataChanges: true },
    snapshot => {
      const changed = new Set(snapshot.docChanges({ includeMetadataChanges: true }).map(change => change.doc.id));
      const next = new Map<string, Notification>();
      for (const stored of snapshot.docs) {
        const known = changed.has(stored.id) ? undefined : decoded.get(stored.id);
        // "estimate": a mark that is on its way counts as made now, not as not made.
        const data = stored.data({ serverTimestamps: "estimate" });
        next.set(stored.id, known ?? decodeNotification(stored.id, data, stored.metadata.hasPendingWrites));
      }
      decoded = next;
      observer.items([...next.values()], snapshot.metadata.fromCache);
    },
    error => observer.failed(error),
  );
}

/** stored: the server has it. moved-on: the item has changed since, and the rules refused the mark for good. */
export type MarkResult = "stored" | "moved-on";

/**
 * Marks an item as seen or as read (which implies seen). The change shows at once, waits for the network if there is
 * none, and the promise settles when the server has answered.
 *
 * The update repeats the revision that the person looked at: if the item has moved on meanwhile, on another device or
 * because something new happened while this one was offline, that would change the revision, which no client may, so the
 * rules refuse it and the item stays unread. A stale mark never swallows news.
 */
export async function mark(
  app: FirebaseApp,
  uid: string,
  item: Notification,
  as: "seen" | "read",
): Promise<MarkResult> {
  const now = serverTimestamp();
  const marks = {
    ...(item.seenAt === null ? { seenAt: now } : {}),
    ...(as === "read" ? { readAt: now } : {}),
    revision: item.revision,
  };
  try {
    await updateDoc(doc(inboxOf(app, uid), item.id), marks);
    return "stored";
  } catch (error) {
    const code = errorCode(error);
    // not-found: it has expired, or the person was erased. Nothing is left to mark.
    if (code === "permission-denied" || code === "not-found") return "moved-on";
    throw error;
  }
}

/** Firestore's code of an error, "unknown" for any other error. */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "unknown";
  return typeof error.code === "string" ? error.code : "unknown";
}

function inboxOf(app: FirebaseApp, uid: string) {
  return collection(firestoreOf(app), "users", uid, "notifications");
}

const firestores = new WeakMap<FirebaseApp, Firestore>();

/** The app's Firestore with a cache that outlives the page and is shared by all tabs. */
function firestoreOf(app: FirebaseApp): Firestore {
  const known = firestores.get(app);
  if (known) return known;
  try {
    initializeFirestore(app, { localCache: persistentLocalCache({ tabManager: persistentMultipleTabManager() }) });
  } catch (error) {
    // The product has set Firestore up itself, before us: its choice stands.
    if (errorCode(error) !== "failed-precondition") throw error;
  }
  const firestore = getFirestore(app); // connects to the emulator if the SDK's own defaults name one
  firestores.set(app, firestore);
  return firestore;
}
