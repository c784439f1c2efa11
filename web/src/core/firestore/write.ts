/** The marks as Firestore writes. */
import type { FirebaseApp } from "firebase/app";
import { doc, getDocFromServer, serverTimestamp, Timestamp, type WriteBatch, writeBatch } from "firebase/firestore";
import { type MarkOf, type MarkResult, type Refusal, serverTime } from "../marks";
import { errorCode, pageSize } from "../page";
import { firestoreOf, inboxOf } from "./instance";

/**
 * Writes one mark. It shows at once. Without a network it waits in the browser, and is sent even if this page has ended by
 * then. Resolves when the server has decided; rejects only if it could not decide. One that is refused costs a read.
 */
export async function write(app: FirebaseApp, uid: string, mark: MarkOf): Promise<MarkResult> {
  const [result = "stored"] = await commit(app, uid, [mark]);
  return result;
}

/**
 * Writes marks on several items in commits of a page each, which are as fast as one mark. All of them show at once, and
 * arrive in the order of the calls: a later mark on the same item is never overtaken by this one. A commit that the server
 * refuses because one of its items has moved on is written mark by mark. Only for when there is a network: a commit that
 * waits in the queue may outlive this page, and then nobody would be there to write the marks one by one.
 */
export async function writeAll(
  app: FirebaseApp,
  uid: string,
  marks: readonly MarkOf[],
): Promise<readonly MarkResult[]> {
  const commits: Promise<readonly MarkResult[]>[] = [];
  for (let at = 0; at < marks.length; at += pageSize) commits.push(commit(app, uid, marks.slice(at, at + pageSize)));
  return (await Promise.all(commits)).flat();
}

/** Writes all of the marks or none; after a refusal each by itself, since one that is refused stops all. */
async function commit(app: FirebaseApp, uid: string, marks: readonly MarkOf[]): Promise<readonly MarkResult[]> {
  const batch = writeBatch(firestoreOf(app));
  for (const mark of marks) add(batch, app, uid, mark);
  try {
    await batch.commit();
    return marks.map(() => "stored");
  } catch (error) {
    if (!isRefused(error)) throw error;
    const alone = marks.length > 1 ? write : reasonOf;
    return Promise.all(marks.map(mark => alone(app, uid, mark)));
  }
}

/**
 * Adds a mark. Where it ends what devices show of the item, a document comes along that has the functions withdraw that, once for
 * each push; where it takes the end back, that document goes, so that the next end is heard. What no device shows calls nobody.
 */
function add(batch: WriteBatch, app: FirebaseApp, uid: string, one: MarkOf) {
  const { id, mark, shown, until } = one;
  const own = (collection: string, name: string) => doc(firestoreOf(app), "users", uid, collection, name);
  // An announcement is everybody's: a mark on it is a document of the person's, which the first one makes.
  if (until !== undefined) {
    batch.set(own("announcements", id), fieldsOf(one), { merge: true });
    return;
  }
  batch.update(doc(inboxOf(app, uid), id), fieldsOf(one));
  const done = mark.readAt === undefined ? mark.archivedAt : mark.readAt;
  if (!shown || done === undefined) return;
  const withdrawal = own("withdrawals", `${id}-${shown}`);
  if (done) batch.set(withdrawal, { expireAt: serverTimestamp() });
  else batch.delete(withdrawal);
}

function fieldsOf({ mark, until }: MarkOf): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(until === undefined ? mark : { ...mark, expireAt: until })) {
    const time = name !== "revision" && typeof value === "number";
    fields[name] = value === serverTime ? serverTimestamp() : time ? Timestamp.fromMillis(value) : value;
  }
  if (until !== undefined) {
    delete fields.revision; // an announcement never changes
    delete fields.followedAt; // and nobody counts who follows it
  }
  return fields;
}

/** The server has decided: the rules refuse it, or there is no such item. */
function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code === "permission-denied" || code === "not-found";
}

/** Rules say no without a reason. The item itself has it: its owner may always read it. */
async function reasonOf(app: FirebaseApp, uid: string, { id, mark }: MarkOf): Promise<Refusal> {
  try {
    const item = (await getDocFromServer(doc(inboxOf(app, uid), id))).data();
    if (!item || item.retractedAt) return "gone";
    const answered = mark.doneAction !== undefined && item.doneAction;
    return answered || (mark.revision ?? item.revision) !== item.revision ? "moved-on" : "refused";
  } catch (error) {
    return errorCode(error) === "permission-denied" ? "signed-out" : "refused";
  }
}
