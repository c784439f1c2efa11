import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenTo } from "./watch";

const part = vi.hoisted(() => ({ missing: true, asked: 0, listening: 0 }));
vi.mock("./load", () => ({
  async loadDocuments() {
    part.asked++;
    if (part.missing) throw new Error("a part of the page could not be loaded");
    return { listen: () => [part.listening++, () => part.listening--][1] };
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(part, { missing: true, asked: 0, listening: 0 });
});
afterEach(() => void vi.useRealTimers());

const listen = () => listenTo({} as FirebaseApp, ["users", "ada"], () => {});

it("tries again while its part of the package cannot be loaded, less and less often", async () => {
  const stop = listen();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(part.asked).toBeGreaterThan(4);
  expect(part.asked).toBeLessThan(12);
  part.missing = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(part.listening).toBe(1);
  stop();
  expect(part.listening).toBe(0);
});

it("ends also while it cannot be loaded", async () => {
  const stop = listen();
  await vi.advanceTimersByTimeAsync(1000);
  stop();
  const { asked } = part;
  part.missing = false;
  await vi.advanceTimersByTimeAsync(120_000);
  expect(part).toMatchObject({ asked, listening: 0 });
});
