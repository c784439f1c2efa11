import { expect, it, vi } from "vitest";
import { movableClock } from "./clock";

it("runs with its base, an offset away, and tells of jumps until stopped", () => {
  let base = 100;
  const clock = movableClock(() => base);
  const jumped = vi.fn();
  const stop = clock.onJump(jumped);
  clock.setOffset(50);
  base = 110;
  expect(clock.now()).toBe(160);
  clock.setOffset(50);
  expect(jumped).toHaveBeenCalledTimes(1);
  stop();
  clock.setOffset(60);
  expect(jumped).toHaveBeenCalledTimes(1);
});
