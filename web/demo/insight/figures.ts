/** What became of the events of some days, as `GET /v1/insight/types` answers it, and what the plots show of that. */

/** One type's on one channel on one day (UTC). The functions' README says what each number is. */
export interface Row {
  readonly type: string;
  readonly channel: "in_app" | "push" | "email";
  readonly day: string;
  readonly accepted: number;
  readonly shown: number;
  readonly pushed: number;
  readonly mailed: number;
  readonly bounced: number;
  readonly unsubscribed: number;
  readonly displayed: number;
  readonly seen: number;
  readonly opened: number;
  readonly acted: number;
  readonly medianMicros: number;
  readonly p95Micros: number;
  readonly seenMedianMicros: number;
  readonly seenP95Micros: number;
}

/** How often a type was held back for a reason. */
export interface HeldRow {
  readonly type: string;
  readonly channel: Row["channel"];
  readonly day: string;
  readonly reason: string;
  readonly count: number;
}

export interface Figures {
  /** The first day and the last one: 2026-11-27. */
  readonly from: string;
  readonly to: string;
  readonly rows: readonly Row[];
  readonly held: readonly HeldRow[];
}

/** Asks for the figures of those days; of the last seven where none are given. Rejects with a sentence for people. */
export async function readFigures(days: Partial<Pick<Figures, "from" | "to">> = {}): Promise<Figures> {
  const answer = await fetch(`/v1/insight/types?${new URLSearchParams(days)}`, { cache: "no-store" }).catch(() => null);
  const found: unknown = await answer?.json().catch(() => null);
  if (answer?.ok && isFigures(found)) return found;
  throw new Error(problemOf(found) || `GET /v1/insight/types: ${answer?.status ?? "no answer"}`);
}

function isFigures(value: unknown): value is Figures {
  return typeof value === "object" && value !== null && "rows" in value && "held" in value;
}

/** What a problem (RFC 9457) says. */
function problemOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  const { detail, errors } = value as { detail?: string; errors?: readonly { field: string; detail: string }[] };
  return errors?.map(wrong => `${wrong.field}: ${wrong.detail}`).join("; ") || (detail ?? "");
}

/** The steps of an item's way, each with the channel that tells it. */
export const steps = [
  { step: "accepted", channel: "in_app" },
  { step: "shown", channel: "in_app" },
  { step: "pushed", channel: "push" },
  { step: "displayed", channel: "push" },
  { step: "mailed", channel: "email" },
  { step: "bounced", channel: "email" },
  { step: "seen", channel: "in_app" },
  { step: "opened", channel: "in_app" },
  { step: "acted", channel: "in_app" },
  { step: "unsubscribed", channel: "email" },
] as const;

export type Step = (typeof steps)[number]["step"];

export interface Funnel {
  readonly type: string;
  /** How many persons took each step, once for each event. Steps that nobody tells are missing: that is not the same as none. */
  readonly counts: readonly { readonly step: Step; readonly count: number }[];
}

/**
 * Each type's way over all days, the most frequent type first. A step that occurs nowhere is taken for one that nobody tells; a
 * type that was never to be pushed has no pushes, one that nobody answered is taken for one that asks nothing, and mails are of
 * types that were mailed.
 */
export function funnelsOf({ rows, held }: Figures): readonly Funnel[] {
  const told = steps.filter(({ step, channel }) => sum(rows, channel, step) > 0);
  const funnels = typesOf(rows).map(type => {
    const own = rows.filter(row => row.type === type);
    const isPushed = [...own, ...held].some(row => row.type === type && row.channel === "push");
    const isMailed = steps.some(({ step, channel }) => channel === "email" && sum(own, channel, step) > 0);
    const counts = told
      .filter(({ channel }) => channel === "in_app" || (channel === "push" ? isPushed : isMailed))
      .map(({ step, channel }) => ({ step, count: sum(own, channel, step) }))
      .filter(({ step, count }) => step !== "acted" || count > 0);
    return { type, counts };
  });
  const first = ({ counts: [one] }: Funnel) => one?.count ?? 0;
  return funnels.sort((a, b) => first(b) - first(a));
}

function sum(rows: readonly Row[], channel: Row["channel"], step: Step): number {
  return rows.reduce((total, row) => total + (row.channel === channel ? row[step] : 0), 0);
}

export function typesOf(rows: readonly { readonly type: string }[]): readonly string[] {
  return [...new Set(rows.map(({ type }) => type))].filter(Boolean).sort();
}

export interface HeldBack {
  /** The reasons that occur, the most frequent first: the same order for every type. */
  readonly reasons: readonly string[];
  readonly types: readonly {
    readonly type: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly total: number;
  }[];
}

/** Why pushes were held back, of each type over all days, most held type first. */
export function heldBack({ held }: Figures): HeldBack {
  const pushes = held.filter(({ channel }) => channel === "push");
  const count = (rows: readonly HeldRow[]) => rows.reduce((total, row) => total + row.count, 0);
  const of = (reason: string, rows: readonly HeldRow[]) => count(rows.filter(row => row.reason === reason));
  const reasons = [...new Set(pushes.map(({ reason }) => reason))].sort((a, b) => of(b, pushes) - of(a, pushes));
  const types = typesOf(pushes).map(type => {
    const own = pushes.filter(row => row.type === type);
    return { type, counts: Object.fromEntries(reasons.map(reason => [reason, of(reason, own)])), total: count(own) };
  });
  return { reasons, types: types.sort((a, b) => b.total - a.total) };
}

/** Until an item is there, from the acceptance of its event; or from then until its person has seen it. */
export type Until = "shown" | "seen";

export interface TimesOfDay {
  readonly day: string;
  /** Seconds. */
  readonly median: number;
  readonly p95: number;
}

/** A type's times on each day that has any. Those of several types cannot be put together: a median of medians is none. */
export function timesOf({ rows }: Figures, type: string, until: Until): readonly TimesOfDay[] {
  return rows
    .filter(row => row.type === type && row.channel === "in_app")
    .map(row => ({
      day: row.day,
      median: (until === "seen" ? row.seenMedianMicros : row.medianMicros) / 1_000_000,
      p95: (until === "seen" ? row.seenP95Micros : row.p95Micros) / 1_000_000,
    }))
    .filter(({ p95 }) => p95 > 0);
}

/** Every day from `from` to `to`. */
export function daysOf({ from, to }: Pick<Figures, "from" | "to">): readonly string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
