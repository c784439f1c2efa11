/** The announcements in Firestore, what the person has done about them, and what decides how they are told. */
import type { FirebaseApp } from "firebase/app";
import {
  collection,
  type DocumentData,
  documentId,
  limit,
  onSnapshot,
  orderBy,
  type Query,
  type QueryConstraint,
  type QueryDocumentSnapshot,
  type QuerySnapshot,
  query,
  where,
} from "firebase/firestore";
import type { InboxUser } from "../connection";
import type { ServerLook } from "../database";
import type * as firestoreSide from "../firestore";
import { describeError, pageSize } from "../page";
import { mostAnnouncements, type StoredMark, type ToldObserver } from "./told";

/** What is used of Firestore's side. */
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

/**
 * Listens to what everybody is told, and to the marks of `uid`; tells both together, once both have answered. The queries are the
 * same on all pages, so that the tabs share one listener. Returns the function that ends it.
 *
 * Marks outlive announcements that newer ones have replaced. Who has more than a page of them is asked for those of the
 * announcements that stand, at the price of a read for each of these whenever one is announced.
 */
export function listenToAnnouncements(late: Late, app: FirebaseApp, uid: string, observer: ToldObserver): () => void {
  const firestore = late.firestoreOf(app);
  const allMarks = collection(firestore, "users", uid, "announcements");
  const answers: (QuerySnapshot | undefined)[] = []; // what everybody is told, and the marks
  const ends: (() => void)[] = [];
  let only = ""; // the announcements of which marks are listened to; empty: of all
  const stop = () => {
    for (const end of ends) end();
  };

  function follow(at: 0 | 1, ...asked: readonly [Query<DocumentData>, ...QueryConstraint[]]) {
    ends[at]?.();
    answers[at] = undefined;
    ends[at] = onSnapshot(
      query(...asked),
      { includeMetadataChanges: true }, // they say when a mark has reached the server
      answer => {
        answers[at] = answer;
        tell();
      },
      error => {
        stop();
        observer.failed(describeError(error));
      },
    );
  }

  function tell() {
    const [told, marks] = answers;
    if (!told || !marks) return;
    const ids = told.docs.map(({ id }) => id);
    if ((only || marks.docs[pageSize - 1]) && ids[0] && only !== `${ids}`) {
      only = `${ids}`;
      follow(1, allMarks, where(documentId(), "in", ids), limit(pageSize));
      return;
    }
    observer.page({
      announcements: told.docs.map(stored => ({ id: stored.id, data: stored.data() })),
      marks: new Map(marks.docs.map(stored => [stored.id, markOf(stored)])),
      fromCache: told.metadata.fromCache || marks.metadata.fromCache,
    });
  }

  follow(0, collection(firestore, "announcements"), orderBy("createdAt", "desc"), limit(mostAnnouncements));
  follow(1, allMarks, limit(pageSize));
  return stop;
}

function markOf(stored: QueryDocumentSnapshot): StoredMark {
  // "estimate": a mark that is on its way counts as made now, not as not made.
  return { data: stored.data({ serverTimestamps: "estimate" }), pending: stored.metadata.hasPendingWrites };
}
