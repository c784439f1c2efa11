import fc from "fast-check";
import { expect, it } from "vitest";
import { retryDelay } from "./backoff";

it("doubles from half a second to a minute", () => {
  const longest = [0, 1, 2, 7, 1000].map(attempt => retryDelay(attempt, 1));
  expect(longest).toEqual([500, 1000, 2000, 60_000, 60_000]);
});

it("waits at least half of that, at most all of it, and never less on a later try", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const whole = retryDelay(attempt, 1);
      expect(retryDelay(attempt, random)).toBeGreaterThanOrEqual(whole / 2);
      expect(retryDelay(attempt, random)).toBeLessThanOrEqual(whole);
      expect(retryDelay(attempt + 1, random)).toBeGreaterThanOrEqual(retryDelay(attempt, random));
    }),
  );
});
