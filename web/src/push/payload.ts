/** Reading what arrives without trusting it: a push may come from an older or newer sender, or from somebody else's code. */
import type { KeptClick, Showable, ToWorker } from "./messages";

/** What a push asks for. */
export type PushRequest =
  | { readonly kind: "show"; readonly item: Showable }
  /** The person is done with the item, up to that revision. */
  | { readonly kind: "withdraw"; readonly id: string; readonly revision: number };

/** A push of Tidings; null for anything else. `payload` is FCM's, as JSON: `{from, fcmMessageId, data}`. */
export function readPush(payload: unknown): PushRequest | null {
  const data = field(payload, "data");
  const id = text(field(data, "id"));
  const revision = wholeNumber(field(data, "revision"));
  if (id === "" || revision === null) return null;
  if (field(data, "withdraw") === "true") return { kind: "withdraw", id, revision };
  const item = readItem({
    id,
    revision,
    priority: field(data, "priority"),
    title: field(data, "title"),
    body: field(data, "body"),
    url: field(data, "url"),
    actions: parse(field(data, "actions")),
    of: text(field(data, "of")).split(" "),
  });
  return item && { kind: "show", item: { ...item, beacon: beaconOf(data) } };
}

/** What a page has posted; null for messages of other code. */
export function readMessage(data: unknown): ToWorker | null {
  const uid = text(field(data, "uid"));
  const tidings = field(data, "tidings");
  if (uid === "") return null;
  switch (tidings) {
    case "page":
    case "guard":
    case "leave":
      return { tidings, uid };
    case "own":
      return { tidings, uid, alone: field(data, "alone") === true };
    case "show": {
      const item = readItem(field(data, "item"));
      return item && { tidings, uid, item, silent: field(data, "silent") === true };
    }
    case "push":
      return { tidings, uid, payload: field(data, "payload") };
    case "unread":
      return { tidings, uid, ids: list(field(data, "ids")).filter(id => typeof id === "string") };
    case "done":
      return { tidings, uid, clicks: list(field(data, "clicks")).map(readClick) };
    default:
      return null;
  }
}

/** What stands on a notification of the system: whose it is, which revision, and where it leads. */
export interface Shown {
  readonly uid: string;
  readonly revision: number;
  /** By action; "" is the notification itself. Checked already. */
  readonly links: Readonly<Record<string, string>>;
  /** As {@link Showable.of}. */
  readonly of: readonly string[];
  /** As {@link Showable.beacon}. */
  readonly beacon: string;
}

/** The `data` of a notification; null if it is not of Tidings. */
export function readShown(data: unknown): Shown | null {
  const uid = text(field(data, "uid"));
  const revision = wholeNumber(field(data, "revision"));
  if (uid === "" || revision === null) return null;
  const links = Object.entries(field(data, "links") ?? {}).filter(([, url]) => typeof url === "string");
  return { uid, revision, links: Object.fromEntries(links), of: ids(field(data, "of")), beacon: beaconOf(data) };
}

/** The item if there is something to show; without a title there is not. */
function readItem(value: unknown): Showable | null {
  const id = text(field(value, "id"));
  const revision = wholeNumber(field(value, "revision"));
  const title = text(field(value, "title"));
  if (id === "" || revision === null || title.trim() === "") return null;
  const actions = list(field(value, "actions"))
    .map(action => ({
      id: text(field(action, "id")),
      label: text(field(action, "label")),
      url: text(field(action, "url")),
    }))
    .filter(action => action.id !== "" && action.label !== "");
  return {
    id,
    revision,
    priority: text(field(value, "priority")),
    title,
    body: text(field(value, "body")),
    url: text(field(value, "url")),
    actions,
    of: ids(field(value, "of")),
    beacon: "",
  };
}

/** An address of another site, which is named whole. */
function beaconOf(data: unknown): string {
  const address = text(field(data, "beacon"));
  return /^https?:\/\//.test(address) ? address : "";
}

function ids(value: unknown): readonly string[] {
  return list(value).flatMap(id => (typeof id === "string" && id !== "" ? [id] : []));
}

function readClick(value: unknown): KeptClick {
  const at = field(value, "at");
  return {
    uid: text(field(value, "uid")),
    id: text(field(value, "id")),
    action: text(field(value, "action")),
    at: typeof at === "number" ? at : 0,
  };
}

/** FCM's data are texts; a page posts numbers. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function parse(json: unknown): unknown {
  try {
    return typeof json === "string" ? JSON.parse(json) : null;
  } catch {
    return null; // no buttons, then
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
