/** How long to wait before listening again after a refusal. It never gives up: a list that is not listened to any more would look up to date. */

const first = 500; // ms; a token that expired a moment ago is renewed within this
const longest = 60_000; // ms

/**
 * The delay in milliseconds before try number `attempt` (0 for the first retry): doubling from half a second to a minute,
 * each between half of it and the whole, so that a thousand clients refused together do not come back together.
 *
 * @param random in [0, 1)
 */
export function retryDelay(attempt: number, random: number): number {
  const whole = Math.min(longest, first * 2 ** Math.min(attempt, 20));
  return whole / 2 + (whole / 2) * random;
}
