/**
 * The lists and the marks in Firestore. It is the only file that knows Firestore, and it is loaded after the first paint
 * (about 160 kB compressed, most of what a page with an inbox weighs).
 */
import type { FirebaseApp } from "firebase/app";
import {
  collection,
  disableNetwork,
  doc,
  enableNetwork,
  type Firestore,
  getFirestore,
  initializeFirestore,
  limit,
  onSnapshot,
  orderBy,
  persistentLocalCache,
  persistentMultipleTabManager,
  type QueryConstraint,
  type QueryDocumentSnapshot,
  query,
  serverTimestamp,
  startAfter,
  Timestamp,
  updateDoc,
  where,
  writeBatch,
} from "firebase/firestore";
import { decodeNotification } from "./decode";
import { type Mark, serverTime } from "./marks";
import type { Notification } from "./model";

/** How many items a page holds. A listener is billed one read per item and change, so it must have an end; the rules say 100. */
export const pageSize = 100;

/** inbox: what is not put away, by importance. archive: what is, the latest first. */
export type ListName = "inbox" | "archive";

/** The end of a page, after which the next one begins. */
export interface Cursor {
  /** Differs whenever the page ends elsewhere. */
  readonly key: string;
  readonly last: QueryDocumentSnapshot;
}

/** One page as it stands. */
export interface Page {
  /** An unchanged item is the same object as before. */
  readonly items: readonly Notification[];
  /** Whether the server has not confirmed this page (yet, or any more). */
  readonly fromCache: boolean;
  /** Set where the page is full, so that there may be another one. */
  readonly next: Cursor | null;
}

/** What a listener tells. After `failed` it is over and says nothing more. */
export interface FeedObserver {
  page(page: Page): void;
  failed(error: unknown): void;
}

/** Listens to one page of a list of `uid`: the first one, or the one after `after`. Answers the function that ends it. */
export function listen(
  app: FirebaseApp,
  uid: string,
  list: ListName,
  after: Cursor | null,
  observer: FeedObserver,
): () => void {
  const from = after ? [startAfter(after.last)] : [];
  let decoded = new Map<string, Notification>();
  return onSnapshot(
    query(inboxOf(app, uid), ...orders[list], ...from, limit(pageSize)),
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
      observer.page({
        items: [...next.values()],
        fromCache: snapshot.metadata.fromCache,
        next: cursor(snapshot.size, snapshot.docs.at(-1), [...next.values()].at(-1)),
      });
    },
    error => observer.failed(error),
  );
}

function cursor(size: number, last: QueryDocumentSnapshot | undefined, item: Notification | undefined): Cursor | null {
  if (size < pageSize || !last || !item) return null;
  return { key: `${item.id} ${item.rank} ${item.updatedAt} ${item.archivedAt}`, last };
}

const orders: Readonly<Record<ListName, readonly QueryConstraint[]>> = {
  inbox: [where("archivedAt", "==", null), orderBy("rank", "desc"), orderBy("updatedAt", "desc")],
  archive: [where("archivedAt", ">", new Timestamp(0, 0)), orderBy("archivedAt", "desc")],
};

/** stored: the server has it. moved-on: the item has changed since, and the rules refused the mark for good. */
export type MarkResult = "stored" | "moved-on";

/**
 * Writes one mark. The change shows at once, waits for the network if there is none, also beyond the end of the page, and
 * the promise settles when the server has answered. Rejects only for faults that are nobody's decision.
 */
export async function write(app: FirebaseApp, uid: string, id: string, mark: Mark): Promise<MarkResult> {
  try {
    await updateDoc(doc(inboxOf(app, uid), id), fieldsOf(mark));
    return "stored";
  } catch (error) {
    if (isMovedOn(error)) return "moved-on";
    throw error;
  }
}

/**
 * Writes marks on several items in one commit, which is as fast as one mark. If the server refuses it because one of the
 * items has moved on, each mark is written by itself. Only for when there is a network: a commit that waits in the queue
 * may outlive this page, and then nobody would be there to write the rest.
 */
export async function writeAll(
  app: FirebaseApp,
  uid: string,
  marks: readonly { readonly id: string; readonly mark: Mark }[],
): Promise<readonly MarkResult[]> {
  const results: MarkResult[] = [];
  for (let at = 0; at < marks.length; at += pageSize) {
    const some = marks.slice(at, at + pageSize);
    const batch = writeBatch(firestoreOf(app));
    for (const { id, mark } of some) batch.update(doc(inboxOf(app, uid), id), fieldsOf(mark));
    try {
      await batch.commit();
      results.push(...some.map(() => "stored" as const));
    } catch (error) {
      if (!isMovedOn(error)) throw error;
      results.push(...(await Promise.all(some.map(({ id, mark }) => write(app, uid, id, mark)))));
    }
  }
  return results;
}

function fieldsOf(mark: Mark): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(mark)) {
    const until = name === "snoozedUntil" && typeof value === "number";
    fields[name] = value === serverTime ? serverTimestamp() : until ? Timestamp.fromMillis(value) : value;
  }
  return fields;
}

/** Refused by the rules; or not there any more, because it has expired or the person was erased. */
function isMovedOn(error: unknown): boolean {
  const code = errorCode(error);
  return code === "permission-denied" || code === "not-found";
}

/**
 * Gives up all connections and makes new ones, which then find out within a fraction of a second what waiting for a dead
 * one takes half a minute to. Listeners and queued marks stay.
 */
export async function reconnect(app: FirebaseApp): Promise<void> {
  const firestore = firestoreOf(app);
  await disableNetwork(firestore);
  await enableNetwork(firestore);
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
export function firestoreOf(app: FirebaseApp): Firestore {
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
