/** The person's profile in Firestore. */
import type { FirebaseApp } from "firebase/app";
import { deleteField, doc, FieldPath, onSnapshot, serverTimestamp, setDoc } from "firebase/firestore";
import { describeError, errorCode } from "../page";
import type { ProfileChange } from "../preferences/model";
import type { ProfileObserver } from "../preferences/profile";
import { firestoreOf } from "./instance";

const profileOf = (app: FirebaseApp, uid: string) => doc(firestoreOf(app), "users", uid);

/** Listens to the profile of `uid`. Returns the function that ends it. */
export function listenToProfile(app: FirebaseApp, uid: string, observer: ProfileObserver): () => void {
  return onSnapshot(
    profileOf(app, uid),
    { includeMetadataChanges: true }, // they say when a change has reached the server
    snapshot => {
      const data = snapshot.data({ serverTimestamps: "estimate" });
      const { hasPendingWrites: pending, fromCache } = snapshot.metadata;
      observer.page({ items: data ? [{ data, pending }] : [], fromCache });
    },
    error => observer.failed(describeError(error)),
  );
}

/** Changes what the paths name, and nothing else; makes the document where there is none. */
export async function writeProfile(
  app: FirebaseApp,
  uid: string,
  { set, due }: ProfileChange,
): Promise<"stored" | "refused"> {
  const data: Record<string, unknown> = due ? { dueAt: serverTimestamp() } : {};
  for (const { path, value } of set) put(data, path, value === undefined ? deleteField() : value);
  const paths = set.map(({ path }) => new FieldPath(...path));
  try {
    await setDoc(profileOf(app, uid), data, { mergeFields: due ? [...paths, "dueAt"] : paths });
    return "stored";
  } catch (error) {
    if (errorCode(error) === "permission-denied") return "refused";
    throw error;
  }
}

function put(data: Record<string, unknown>, [name, ...rest]: readonly string[], value: unknown) {
  if (name === undefined) return;
  if (rest.length === 0) {
    data[name] = value;
    return;
  }
  const inner = Object.hasOwn(data, name) ? (data[name] as Record<string, unknown>) : {};
  data[name] = inner;
  put(inner, rest, value);
}
