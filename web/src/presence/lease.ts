import { notLoaded } from "../core/load-once";
import { errorCode } from "../core/page";

/** The codes of errors that pass: Firestore cannot be reached, no token can be had, or a part of the package is missing. */
const passing = ["unavailable", "auth/network-request-failed", notLoaded];

/**
 * A claim that ends by itself: "this page is in view" is true for a minute, and is repeated while it is. So a browser that is
 * killed stops counting, and nobody has to notice.
 */
export interface Lease<T extends Claim> {
  /** From now on, until released; and what is claimed. Writes at once if it is something else than before, or if it is to be written `anew`. */
  hold(claim: T, anew?: boolean): void;
  /** Gives it back at once. */
  release(): void;
  /** What is held is written anew. */
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
 * One write at a time: where nobody answers they would queue up, and each would arrive later as news. A refusal ends it until
 * something else is claimed, since asking again would be refused again, and billed again. What could not be sent is tried
 * again with the next beat.
 */
export function createLease<T extends Claim>({ write, remove }: LeaseWriter<T>): Lease<T> {
  let wanted: { readonly claim: T } | null = null;
  let there = false; // whether the server may know of a lease
  let writing = false;
  let outdated = false; // what is being written now
  let timer: ReturnType<typeof setInterval> | undefined; // from the last write: each one is a renewal

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
    clearInterval(timer);
    if (current) timer = setInterval(() => wanted && flush(), leaseBeat);
    (current ? write(current.claim) : remove())
      .catch((error: unknown) => {
        const passes = passing.includes(errorCode(error));
        if (wanted === current && !passes) wanted = null;
        there &&= passes; // the server may have heard it
      })
      .finally(() => {
        writing = false;
        if (outdated) flush();
      });
  }

  function hold(claim: T, anew = false) {
    if (!anew && wanted && Object.is(wanted.claim, claim)) return;
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
      release();
      clearInterval(timer);
    },
  };
}
