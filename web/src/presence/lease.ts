import { notLoaded } from "../core/load-once";
import { errorCode } from "../core/page";

/**
 * A claim that ends by itself: "this page is in view" is true for a minute, and is repeated while it is. So a browser that is
 * killed stops counting, and nobody has to notice.
 */
export interface Lease<T extends Claim> {
  /** From now on, until released; and what is claimed. Writes at once if it is something else than before. */
  hold(claim: T): void;
  /** Gives it back at once. */
  release(): void;
  /** Time has jumped: what is held is written anew. */
  renew(): void;
  close(): void;
}

/** What is claimed. */
type Claim = string | boolean | null;

export interface LeaseWriter<T extends Claim> {
  write(claim: T): Promise<void>;
  remove(): Promise<void>;
}

/** How long a lease lasts, and how often it is repeated: a repetition may come 20 seconds late. */
export const leaseTime = 60_000; // ms
export const leaseBeat = 40_000; // ms

/**
 * One write at a time: without a network they would queue up, and each would arrive later as news. A refusal ends it until
 * something else is claimed, since asking again would be refused again, and billed again. What could not be loaded is tried
 * again with the next beat.
 */
export function createLease<T extends Claim>({ write, remove }: LeaseWriter<T>): Lease<T> {
  let wanted: { readonly claim: T } | null = null;
  let there = false; // whether the server may know of a lease
  let writing = false;
  let outdated = false; // what is being written now
  const timer = setInterval(() => wanted && flush(), leaseBeat);

  function flush() {
    if (writing) {
      outdated = true;
      return;
    }
    outdated = false;
    const current = wanted;
    if (!current && !there) return;
    there = current !== null;
    writing = true;
    (current ? write(current.claim) : remove())
      .catch((error: unknown) => {
        if (wanted === current && errorCode(error) !== notLoaded) wanted = null;
        there = false;
      })
      .finally(() => {
        writing = false;
        if (outdated) flush();
      });
  }

  function hold(claim: T) {
    if (wanted && Object.is(wanted.claim, claim)) return;
    wanted = { claim };
    flush();
  }

  function release() {
    if (!wanted) return;
    wanted = null;
    // The page may not be there any more when the write is answered; if it is, it is given back once more, in order.
    if (writing) void remove().catch(() => {});
    flush();
  }

  return {
    hold,
    release,
    renew() {
      if (wanted) flush();
    },
    close() {
      clearInterval(timer);
      release();
    },
  };
}
