import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLease, leaseBeat, leaseTime } from "./lease";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A lease, and what was done about it; each write is answered when `answer` says so. */
function rig() {
  const done: string[] = [];
  let answer: ((error?: Error) => void)[] = [];
  const wait = (what: string) =>
    new Promise<void>((resolve, reject) => {
      done.push(what);
      answer.push(error => (error ? reject(error) : resolve()));
    });
  const lease = createLease<string | null>({ write: claim => wait(`write ${claim}`), remove: () => wait("remove") });
  return {
    lease,
    done,
    async settle(error?: Error) {
      const waiting = answer;
      answer = [];
      for (const one of waiting) one(error);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

describe("a lease", () => {
  it("is taken at once, renewed before it ends, and given back at once", async () => {
    const { lease, done, settle } = rig();
    lease.hold("post/42");
    await settle();
    await vi.advanceTimersByTimeAsync(leaseBeat);
    await settle();
    lease.release();
    await settle();
    expect(done).toEqual(["write post/42", "write post/42", "remove"]);
    await vi.advanceTimersByTimeAsync(leaseTime * 3);
    expect(done).toHaveLength(3);
    lease.close();
  });

  it("is written again when something else is claimed, and only then", async () => {
    const { lease, done, settle } = rig();
    lease.hold(null);
    await settle();
    lease.hold(null);
    lease.hold("post/42");
    await settle();
    expect(done).toEqual(["write null", "write post/42"]);
    lease.close();
  });

  it("does not queue up where nobody answers: the last claim is what arrives", async () => {
    const { lease, done, settle } = rig();
    lease.hold("a");
    for (const claim of ["b", "c", "d"]) lease.hold(claim);
    await vi.advanceTimersByTimeAsync(leaseBeat * 5);
    expect(done).toEqual(["write a"]);
    await settle();
    await settle();
    expect(done).toEqual(["write a", "write d"]);
    lease.close();
  });

  it("is given back at once even if it was on its way, and again when that has arrived", async () => {
    const { lease, done, settle } = rig();
    lease.hold("a");
    lease.release();
    expect(done).toEqual(["write a", "remove"]);
    await settle();
    await settle();
    expect(done).toEqual(["write a", "remove", "remove"]);
    lease.close();
  });

  it("is not asked for again once it was refused, until something else is claimed", async () => {
    const { lease, done, settle } = rig();
    lease.hold("a");
    await settle(new Error("permission-denied"));
    await vi.advanceTimersByTimeAsync(leaseBeat * 3);
    lease.release();
    expect(done).toEqual(["write a"]);
    lease.hold("b");
    expect(done).toEqual(["write a", "write b"]);
    lease.close();
  });

  it("is tried again with the next beat where it could not be sent, and given back: it may have arrived", async () => {
    const { lease, done, settle } = rig();
    lease.hold("a");
    await settle(Object.assign(new Error("no answer"), { code: "unavailable" }));
    expect(done).toEqual(["write a"]);
    await vi.advanceTimersByTimeAsync(leaseBeat);
    await settle(Object.assign(new Error("no answer"), { code: "unavailable" }));
    lease.release();
    expect(done).toEqual(["write a", "write a", "remove"]);
    lease.close();
  });

  it("is renewed a beat after the last write, whatever that was for", async () => {
    const { lease, done, settle } = rig();
    lease.hold("a");
    await settle();
    await vi.advanceTimersByTimeAsync(leaseBeat - 1);
    lease.hold("b");
    await settle();
    await vi.advanceTimersByTimeAsync(leaseBeat - 1);
    expect(done).toEqual(["write a", "write b"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toEqual(["write a", "write b", "write b"]);
    lease.close();
  });

  it("that was never taken is not given back", () => {
    const { lease, done } = rig();
    lease.release();
    lease.close();
    expect(done).toEqual([]);
  });
});
