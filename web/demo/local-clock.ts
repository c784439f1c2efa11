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

function adopt(answer: unknown) {
  if (typeof answer !== "object" || answer === null || !("now" in answer)) return;
  const offset = Date.parse(String(answer.now)) - Date.now();
  // A second more or less is the way here, not a move of the clock.
  if (Number.isFinite(offset) && Math.abs(offset - (clock.now() - Date.now())) > 1000) {
    clock.setOffset(Math.round(offset / 1000) * 1000);
  }
}
