/** The spans of one event, which the functions export to the local stack's collector: `GET /traces/{id}`. */

export interface Span {
  readonly spanId: string;
  /** Empty where there is none. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: string;
  /** The function that made it. */
  readonly service: string;
  /** Microseconds since 1970. */
  readonly start: number;
  /** Microseconds. */
  readonly duration: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** A span and where it stands in the waterfall. */
export interface Row {
  readonly span: Span;
  /** How many spans it is within. */
  readonly depth: number;
  /** Where its bar begins, as a share of the whole, and how long the bar is. */
  readonly from: number;
  readonly length: number;
}

/** A trace that this page begins: the stack's functions follow its header, by the W3C's recommendation "Trace Context". */
export function newTrace(): { readonly id: string; readonly header: string } {
  const hex = [...crypto.getRandomValues(new Uint8Array(24))].map(byte => byte.toString(16).padStart(2, "0")).join("");
  const id = hex.slice(0, 32);
  return { id, header: `00-${id}-${hex.slice(32)}-01` };
}

/** The spans that have come in by now; functions export them within a second. */
export async function readSpans(trace: string): Promise<readonly Span[]> {
  const answer = await fetch(`/traces/${trace}`, { cache: "no-store" });
  const found: unknown = answer.ok ? await answer.json() : null;
  const spans = typeof found === "object" && found !== null ? Reflect.get(found, "spans") : null;
  return Array.isArray(spans) ? spans : [];
}

/** The waterfall: each span below the one that it is within, in the order of their beginning. */
export function arrange(spans: readonly Span[]): readonly Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const begin = Math.min(...spans.map(({ start }) => start));
  const whole = Math.max(1, Math.max(...spans.map(({ start, duration }) => start + duration)) - begin);
  const rows: Row[] = [];
  const put = (span: Span, depth: number) => {
    rows.push({ span, depth, from: (span.start - begin) / whole, length: span.duration / whole });
    for (const child of inOrder(spans.filter(({ parentId }) => parentId === span.spanId))) put(child, depth + 1);
  };
  for (const root of inOrder(spans.filter(({ parentId }) => !known.has(parentId)))) put(root, 0);
  return rows;
}

function inOrder(spans: readonly Span[]): readonly Span[] {
  return [...spans].sort((a, b) => a.start - b.start);
}

/** Microseconds for people. */
export function took(microseconds: number): string {
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  return `${(microseconds / 1000).toFixed(microseconds < 100_000 ? 1 : 0)} ms`;
}
