/** The announcements in Firestore, what the person has done about them, and what decides how they are told. */
import type { FirebaseApp } from "firebase/app";
import {
  collection,
  type DocumentData,
  limit,
  onSnapshot,
  orderBy,
  type Query,
  type QueryDocumentSnapshot,
  query,
} from "firebase/firestore";
import type { InboxUser } from "../connection";
import type { ServerLook } from "../database";
import type * as firestoreSide from "../firestore";
import { describeError, pageSize } from "../page";
import { mostAnnouncements, type StoredMark, type ToldObserver } from "./told";

/** Firestore's side, which has loaded before: what is used of it. */
export type Late = Pick<typeof firestoreSide, "firestoreOf" | "placeOf" | "abortAfter" | "longest">;

/** What batchGet answers for each document, as far as it concerns us. */
type Answers = readonly { readonly readTime?: string; readonly found?: { readonly fields?: unknown } }[];

/** Asks the server for its time, and for the part of the profile that decides about announcements. Costs one read. */
export async function askServer(late: Late, app: FirebaseApp, user: InboxUser): Promise<ServerLook> {
  const documents = `projects/${app.options.projectId}/databases/(default)/documents`;
  const mask = { fieldPaths: ["locale", "preferences.in_app"] };
  try {
    const idToken = await user.getIdToken();
    const before = Date.now();
    const response = await fetch(`${late.placeOf(app)}/v1/${documents}:batchGet`, {
      method: "POST",
      headers: { Authorization: `Bearer ${idToken}` },
      body: JSON.stringify({ documents: [`${documents}/users/${user.uid}`], mask }),
      signal: late.abortAfter(late.longest),
    });
    const [answer] = JSON.parse(await response.text()) as Answers;
    const time = Date.parse(answer?.readTime ?? "");
    if (time) return { offset: time - (before + Date.now()) / 2, profile: answer?.found?.fields ?? {} };
  } catch {
    // No network, or no answer that says anything.
  }
  return { offset: null, profile: null };
}

/** The last answer to a query. */
interface Answer {
  readonly docs: readonly QueryDocumentSnapshot[];
  readonly fromCache: boolean;
}

/**
 * Listens to what everybody is told, and to the marks of `uid`; tells both together, once both have answered. The queries are the
 * same on all pages and at all times, so that the tabs share one listener. Returns the function that ends it.
 */
export function listenToAnnouncements(late: Late, app: FirebaseApp, uid: string, observer: ToldObserver): () => void {
  const firestore = late.firestoreOf(app);
  let told: Answer | null = null;
  let marks: Answer | null = null;
  const stops: (() => void)[] = [];
  const stop = () => {
    for (const end of stops.splice(0)) end();
  };

  function follow(asked: Query<DocumentData>, take: (answer: Answer) => void) {
    const listening = onSnapshot(
      asked,
      { includeMetadataChanges: true }, // they say when a mark has reached the server
      ({ docs, metadata: { fromCache } }) => {
        take({ docs, fromCache });
        if (!told || !marks) return;
        observer.page({
          announcements: told.docs.map(stored => ({ id: stored.id, data: stored.data() })),
          marks: new Map(marks.docs.map(stored => [stored.id, markOf(stored)])),
          fromCache: told.fromCache || marks.fromCache,
        });
      },
      error => {
        stop();
        observer.failed(describeError(error));
      },
    );
    stops.push(listening);
  }

  const announcements = collection(firestore, "announcements");
  follow(query(announcements, orderBy("createdAt", "desc"), limit(mostAnnouncements)), answer => {
    told = answer;
  });
  follow(query(collection(firestore, "users", uid, "announcements"), limit(pageSize)), answer => {
    marks = answer;
  });
  return stop;
}

function markOf(stored: QueryDocumentSnapshot): StoredMark {
  // "estimate": a mark that is on its way counts as made now, not as not made.
  return { data: stored.data({ serverTimestamps: "estimate" }), pending: stored.metadata.hasPendingWrites };
}
