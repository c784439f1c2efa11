/** One message that the fake FCM took. */
export interface Push {
  readonly key: string;
  /** The notification's id. */
  readonly item: string;
  /** The device token or FID it went to, such as "bob-phone". */
  readonly target: string;
  readonly title: string;
  /** Milliseconds since 1970; null if it does not say. */
  readonly at: number | null;
  /** Empty when delivered; otherwise the error that FCM was told to answer. */
  readonly outcome: string;
}

/** What the fake FCM at `base` took, the newest first. */
export async function readPushes(base: string): Promise<readonly Push[]> {
  const response = await fetch(`${base}/messages`, { cache: "no-store" });
  if (!response.ok) throw new Error(`The fake FCM answered ${response.status}.`);
  const answer: unknown = await response.json();
  const list = Array.isArray(answer) ? answer : field(answer, "messages");
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown, index) => push(entry, index)).reverse();
}

/** Has every push fail from now on, as during an outage of FCM; or no more. */
export async function breakFcm(base: string, broken: boolean): Promise<void> {
  const response = broken
    ? await fetch(`${base}/faults`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ target: "*", error: "UNAVAILABLE" }),
      })
    : await fetch(`${base}/faults`, { method: "DELETE" });
  if (!response.ok) throw new Error(`The fake FCM answered ${response.status}.`);
}

function push(entry: unknown, index: number): Push {
  const message = field(entry, "message");
  // Data-only for the web; Android and iOS show what they are given.
  const places = [
    ["data", "title"],
    ["android", "notification", "title"],
    ["apns", "payload", "aps", "alert", "title"],
    ["notification", "title"],
  ];
  const title = places.map(path => text(path.reduce(field, message))).find(found => found !== "");
  const at = Date.parse(text(field(entry, "at")));
  const outcome = text(field(entry, "outcome"));
  return {
    key: text(field(entry, "name")) || String(index),
    item: text(field(field(message, "data"), "id")),
    target: text(field(entry, "target")) || text(field(message, "token")) || text(field(message, "fid")),
    title: title ?? "A silent message",
    at: Number.isNaN(at) ? null : at,
    outcome: /^(ok|delivered|accepted)?$/i.test(outcome) ? "" : outcome,
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
