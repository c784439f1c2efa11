/** The local stack's clock, as the page follows and moves it. */
import { movableClock } from "../src/core";

export const clock = movableClock();

/** Looks at the stack's clock. Silent if it does not answer: the page's own time is close enough. */
export async function followClock(base: string): Promise<void> {
  const response = await fetch(base, { cache: "no-store" }).catch(() => null);
  if (response?.ok) adopt(await response.json());
}

/** Moves the stack's clock forwards by a Go duration such as "6m". It never goes back. */
export async function advanceClock(base: string, by: string): Promise<void> {
  const response = await fetch(`${base}/advance`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by }),
  });
  if (!response.ok) throw new Error(`The clock answered ${response.status}.`);
  adopt(await response.json());
}

/** How far the stack's clock is ahead of the system's, in milliseconds: as the clock itself says. */
export function stackOffset(): number {
  return exactOffset;
}

let exactOffset = 0;

/** A Go duration such as "1h6m0s" in milliseconds. */
export function parseDuration(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, µs: 0.001, ns: 0.000001 };
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|µs|ns|h|m|s)/g))
    sum += Number(number) * (units[unit ?? ""] ?? 0);
  return text.startsWith("-") ? -sum : sum;
}

function adopt(answer: unknown) {
  if (typeof answer !== "object" || answer === null || !("now" in answer)) return;
  if ("offset" in answer) exactOffset = parseDuration(String(answer.offset));
  const offset = Date.parse(String(answer.now)) - Date.now();
  // A second more or less is the way here, not a move of the clock.
  if (Number.isFinite(offset) && Math.abs(offset - (clock.now() - Date.now())) > 1000) {
    clock.setOffset(Math.round(offset / 1000) * 1000);
  }
}
