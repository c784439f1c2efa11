/** Takes values of which nobody knows what they are. */

/** "" for what is no text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function integer(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? Math.trunc(value) : otherwise;
}

/** A Firestore Timestamp, known by its `toMillis`, as milliseconds. */
export function time(value: unknown): number | null {
  const toMillis = fields(value)?.toMillis;
  return typeof toMillis === "function" ? integer(toMillis.call(value), 0) : null;
}

/** Null for what has none. */
export function fields(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}
