/** Where the local stack's services are: `GET /stack.json`, written by `go run ./emulator`. */
export interface Stack {
  readonly project: string;
  readonly firestore: { readonly host: string; readonly port: number };
  /** Base address of the Auth emulator. */
  readonly auth: string;
  /** Base address of the fake FCM. */
  readonly fcm: string;
  /** Base address of the clock that can be moved. */
  readonly clock: string;
  readonly people: readonly Person[];
}

/** One of the demo's people. The password is the Auth emulator's, and no secret. */
export interface Person {
  readonly name: string;
  readonly uid: string;
  readonly email: string;
  readonly password: string;
}

/** Asks for the stack. Rejects with a sentence for people if there is none. */
export async function findStack(): Promise<Stack> {
  const answer = await fetch("/stack.json", { cache: "no-store" }).catch(() => null);
  const found: unknown = await answer?.json().catch(() => null);
  if (!answer?.ok || !isStack(found))
    throw new Error("This page is served, but the local stack behind it does not answer.");
  return found;
}

function isStack(value: unknown): value is Stack {
  return typeof value === "object" && value !== null && "project" in value && "people" in value;
}
