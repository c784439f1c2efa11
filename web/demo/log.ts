/** The log of one event, as the function `insight` answers it (functions/README): `GET /v1/events/{source}/{id}/log`. */

export interface Decision {
  readonly channel: string;
  readonly outcome: string;
  readonly reason?: string;
  /** The same as a sentence. */
  readonly says: string;
  readonly at?: string;
  readonly until?: string;
  readonly attempts?: number;
  readonly instance?: string;
}

export interface Recipient {
  readonly person: string;
  readonly uid?: string;
  readonly decisions: readonly Decision[];
  readonly steps: readonly { readonly at: string; readonly channel: string; readonly stage: string }[];
}

/** What became of an event; a sentence while nothing is known of it. */
export type Log = { readonly recipients: readonly Recipient[] } | { readonly problem: string };

/** Asks for the log. The demo's events have the producer itself as their source. */
export async function readLog(id: string, recipients: readonly string[]): Promise<Log> {
  const query = recipients.map(uid => `recipient=${encodeURIComponent(uid)}`).join("&");
  const answer = await fetch(`/v1/events/producer/${encodeURIComponent(id)}/log${query && `?${query}`}`, {
    cache: "no-store",
  });
  const found: unknown = await answer.json();
  if (isLog(found)) return found;
  const detail = typeof found === "object" && found !== null ? Reflect.get(found, "detail") : null;
  return { problem: typeof detail === "string" ? detail : `The answer was ${answer.status}.` };
}

function isLog(value: unknown): value is { recipients: readonly Recipient[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "recipients" in value &&
    Array.isArray(Reflect.get(value, "recipients"))
  );
}

/** A time of the log for people: to the second, in their zone. */
export function clock(time: string | undefined): string {
  if (time === undefined) return "";
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}
