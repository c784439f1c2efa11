/** The server's time on a machine whose own clock may be wrong by hours. */
import { type Clock, movableClock } from "./clock";
import type { Database } from "./database";

export interface ServerClock extends Clock {
  /** The machine's clock may have been changed, or the server can be asked now. Asks it, where that is needed. */
  check(): void;
}

const tolerated = 2000; // ms; no clock is right, and each correction draws everything again

/** Goes by this machine's clock until the server has said what time it is. Costs one read, and one more after each change. */
export function serverClock(database: Database): ServerClock {
  const clock = movableClock();
  let asked: number | null = null; // the difference between the two clocks of this machine when the server was asked

  async function ask() {
    const difference = Date.now() - performance.now();
    if (asked !== null && Math.abs(difference - asked) < tolerated) return;
    asked = difference;
    const offset = await database.offset().catch(() => null);
    if (offset === null) asked = null;
    else clock.setOffset(Math.abs(offset) < tolerated ? 0 : Math.round(offset));
  }

  return { now: clock.now, onJump: clock.onJump, check: () => void ask().catch(() => {}) };
}
