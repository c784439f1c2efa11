/** Assertions that print a line each, and waiting. What they read from the environment is in kit.mjs. */

export const slow = Number(process.env.SLOW ?? 1);
export const patience = Number(process.env.PATIENCE_MS ?? 60_000);

export class Failure extends Error {}

export function check(holds, claim, found) {
  if (!holds) throw new Failure(found === undefined ? claim : `${claim}\n  found: ${JSON.stringify(found)}`);
  console.log(`ok   ${claim}`);
}

/** The same for what is about to hold: a page draws a moment after its state has changed, on a busy machine a long one. */
export async function becomes(look, claim) {
  await until(claim, look);
  check(true, claim);
}

/** A measured time against its bound, which SLOW stretches. */
export function within(took, bound, claim) {
  const stretched = slow === 1 ? "" : ` × ${slow}`;
  check(took <= bound * slow, `${claim}: ${Math.round(took)} ms (at most ${bound}${stretched})`);
}

/** Waits for a promise, and no longer than `limit` milliseconds: a page that hangs never answers. */
export async function atMost(limit, promise, why) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure(why)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until `look` answers something, which is what it answers. */
export async function until(what, look, limit = patience) {
  const end = Date.now() + limit;
  const why = `${what}: not within ${limit} ms`;
  for (;;) {
    const found = await atMost(limit, look(), why);
    if (found) return found;
    if (Date.now() > end) throw new Failure(why);
    await new Promise(resolve => setTimeout(resolve, 15));
  }
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
