/** The lists as Firestore queries. Each has its index in infra/firestore.indexes.json. */
import type { FirebaseApp } from "firebase/app";
import {
  getDocs,
  limit,
  onSnapshot,
  orderBy,
  type QueryConstraint,
  type QueryDocumentSnapshot,
  query,
  startAfter,
  Timestamp,
  where,
} from "firebase/firestore";
import { decodeNotification } from "../decode";
import type { Notification } from "../model";
import { type Cursor, describeError, type ListName, type Page, type PageObserver, pageSize } from "../page";
import { inboxOf } from "./instance";

/** Listens to one page of a list of `uid`: the first one, or the one after `after`. Returns the function that ends it. */
export function listen(
  app: FirebaseApp,
  uid: string,
  list: ListName,
  after: Cursor | null,
  observer: PageObserver,
): () => void {
  let decoded = new Map<string, Notification>();
  return onSnapshot(
    pageOf(app, uid, list, after, pageSize),
    // Metadata too: it says when a mark has reached the server, and when the server has confirmed what the cache had.
    { includeMetadataChanges: true },
    snapshot => {
      const changed = new Set(snapshot.docChanges({ includeMetadataChanges: true }).map(change => change.doc.id));
      const next = new Map<string, Notification>();
      for (const stored of snapshot.docs) {
        const known = changed.has(stored.id) ? undefined : decoded.get(stored.id);
        next.set(stored.id, known ?? decode(stored));
      }
      decoded = next;
      observer.page(pageFrom([...next.values()], snapshot.docs, snapshot.metadata.fromCache, pageSize));
    },
    error => observer.failed(describeError(error)),
  );
}

/** Reads one page once: from the server, or without a network from the cache. `since` is when the oldest of the archive was archived. */
export async function readPage(
  app: FirebaseApp,
  uid: string,
  list: ListName,
  after: Cursor | null,
  since = 0,
): Promise<Page> {
  // Not the query that the inbox listens to: that would be answered by what its listener has now, which need not have heard
  // yet of a mark that the server has confirmed, and of what moves up behind it.
  const size = pageSize - 1;
  const { docs, metadata } = await getDocs(pageOf(app, uid, list, after, size, since));
  return pageFrom(docs.map(decode), docs, metadata.fromCache, size);
}

function pageOf(app: FirebaseApp, uid: string, list: ListName, after: Cursor | null, size: number, since = 0) {
  const from = after ? [startAfter(after.last)] : [];
  return query(inboxOf(app, uid), ...constraints(list, since), ...from, limit(size));
}

function pageFrom(
  items: readonly Notification[],
  docs: readonly QueryDocumentSnapshot[],
  fromCache: boolean,
  size: number,
): Page {
  const [item, last] = [items.at(-1), docs.at(-1)];
  const isFull = items.length >= size && item && last;
  return { items, fromCache, next: isFull ? { key: keyOf(item), last } : null };
}

function keyOf({ id, rank, updatedAt, archivedAt, snoozedUntil }: Notification): string {
  return `${id} ${rank} ${updatedAt} ${archivedAt} ${snoozedUntil}`;
}

function decode(stored: QueryDocumentSnapshot): Notification {
  // "estimate": a mark that is on its way counts as made now, not as not made.
  const data = stored.data({ serverTimestamps: "estimate" });
  return decodeNotification(stored.id, data, stored.metadata.hasPendingWrites);
}

const day = 86_400_000; // ms

/** A retracted item has no field `archivedAt` at all, so that it is in none of these but, until its time, the last. */
function constraints(list: ListName, since: number): readonly QueryConstraint[] {
  const newest = orderBy("updatedAt", "desc");
  switch (list) {
    case "recent":
      return [where("archivedAt", "==", null), newest];
    case "unread":
      return [where("archivedAt", "==", null), where("readAt", "==", null), orderBy("rank", "desc"), newest];
    case "archive":
      return [where("archivedAt", ">", Timestamp.fromMillis(since)), orderBy("archivedAt", "desc")];
    case "snoozed":
      // By a day more than asked for, because this machine's clock may be wrong; the list leaves out what is back.
      return [where("snoozedUntil", ">", Timestamp.fromMillis(Date.now() - day)), orderBy("snoozedUntil")];
  }
}
