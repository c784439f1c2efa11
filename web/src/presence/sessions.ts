/** The leases of a person's open pages, in Firestore: entries of `sessions` in their profile, which the functions read with every event. */
import type { FirebaseApp } from "firebase/app";
import { errorCode } from "../core/page";
import { commit, nameOf, post, refused } from "./rest";

const places = 20; // the rules allow no more

/** One page of a person's. */
export interface Page {
  readonly app: FirebaseApp;
  readonly uid: string;
  readonly id: string;
  readonly idToken: string;
}

/**
 * Takes or renews the page's lease: one write. Where all places are taken, it looks for those of pages that have died, and removes
 * them in the same write; where all live, the one that ends first: a read and a write more.
 *
 * @param now and expiresAt in milliseconds since 1970, by the server's clock
 * @param target "type/id", or null
 * @param deeds what the profile is to have as the latest deeds; none leaves it as it is
 */
export async function hold(
  page: Page,
  now: number,
  expiresAt: number,
  target: string | null,
  deeds: readonly string[] = [],
): Promise<void> {
  const lease = {
    expiresAt: { timestampValue: new Date(expiresAt).toISOString() },
    target: target === null ? { nullValue: null } : { stringValue: target },
    visible: { booleanValue: true },
  };
  try {
    await write(page, lease, [page.id], deeds);
  } catch (error) {
    const inTheWay = errorCode(error) === refused ? await findThose(page, now) : [];
    if (inTheWay.length === 0) throw error;
    await write(page, lease, [page.id, ...inTheWay], deeds);
  }
}

/** Gives it back: one write. A person whose profile is gone does not get a new one. */
export function giveBack(page: Page, deeds: readonly string[] = []): Promise<void> {
  return write(page, null, [page.id], deeds);
}

/** Writes the entries of these ids, and the deeds if there are any: `lease` is that of the page, the others go. Without it all of them go. */
function write(
  { app, uid, id, idToken }: Page,
  lease: object | null,
  ids: readonly string[],
  deeds: readonly string[],
): Promise<void> {
  const fieldPaths = ids.map(one => `sessions.\`${one.replace(/[`\\]/g, "\\$&")}\``);
  const fields: Record<string, object> = {};
  if (deeds.length > 0) {
    fieldPaths.push("deeds");
    fields.deeds = { arrayValue: { values: deeds.map(stringValue => ({ stringValue })) } };
  }
  if (lease) fields.sessions = { mapValue: { fields: { [id]: { mapValue: { fields: lease } } } } };
  const update = { update: { name: nameOf(app, ["users", uid]), fields }, updateMask: { fieldPaths } };
  return lease
    ? commit(app, idToken, update)
    : commit(app, idToken, { ...update, currentDocument: { exists: true } }, true);
}

interface Stored {
  readonly mapValue?: { readonly fields?: Readonly<Record<string, Stored>> };
  readonly timestampValue?: string;
}

/** Which entries have to go; none where there is room. */
async function findThose({ app, uid, idToken }: Page, now: number): Promise<readonly string[]> {
  const asked = { documents: [nameOf(app, ["users", uid])], mask: { fieldPaths: ["sessions"] } };
  const answer = await post(app, idToken, "batchGet", asked);
  const [profile]: { found?: Stored["mapValue"] }[] = await answer.json();
  const ends = Object.entries(profile?.found?.fields?.sessions?.mapValue?.fields ?? {})
    .map(([id, entry]) => ({ id, at: Date.parse(entry.mapValue?.fields?.expiresAt?.timestampValue ?? "") || 0 }))
    .sort((a, b) => a.at - b.at);
  if (ends.length < places) return [];
  const over = ends.filter(({ at }) => at <= now);
  return (over.length > 0 ? over : ends.slice(0, 1)).map(({ id }) => id);
}
