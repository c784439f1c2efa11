import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { movableClock } from "../core/clock";
import { follow } from "./follow";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const clock = movableClock();
  const heard: string[] = [];
  const following = follow(clock, ({ online, typing }) => heard.push(typing ? "typing" : online ? "online" : "gone"));
  const lease = (ms: number, typing = false) => following.arrived({ expiresAt: clock.now() + ms, typing });
  return { clock, heard, following, lease };
}

describe("who is there", () => {
  it("is there at once, and gone when the lease is over without another word", () => {
    const { heard, lease } = rig();
    lease(60_000);
    expect(heard).toEqual(["online"]);
    vi.advanceTimersByTime(59_000);
    expect(heard).toEqual(["online"]);
    vi.advanceTimersByTime(5000);
    expect(heard).toEqual(["online", "gone"]);
  });

  it("stays while the lease is renewed", () => {
    const { heard, lease } = rig();
    for (let n = 0; n < 5; n++) {
      lease(60_000);
      vi.advanceTimersByTime(40_000);
    }
    expect(heard).toEqual(["online"]);
  });

  it("does not go from one page to another by way of being gone", () => {
    const { heard, following, lease } = rig();
    lease(60_000);
    following.arrived(null);
    vi.advanceTimersByTime(2000);
    lease(60_000);
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual(["online"]);
  });

  it("types, and stops", () => {
    const { heard, lease } = rig();
    lease(60_000, true);
    lease(60_000, false);
    expect(heard).toEqual(["typing", "online"]);
  });

  it("is nobody whose lease was over when it came", () => {
    const { heard, lease } = rig();
    lease(-1, true);
    vi.advanceTimersByTime(10_000);
    expect(heard).toEqual([]);
  });

  it("is gone when time jumps beyond the lease", () => {
    const { clock, heard, lease } = rig();
    lease(60_000);
    clock.setOffset(120_000);
    vi.advanceTimersByTime(5000);
    expect(heard).toEqual(["online", "gone"]);
  });
});
