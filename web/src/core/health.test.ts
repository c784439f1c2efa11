import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { databaseOf, Shelf } from "../testing/shelf";
import { watchHealth } from "./health";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const database = databaseOf(new Shelf(1));
  const restart = vi.fn();
  const hopeless = vi.fn();
  const wake = vi.spyOn(database, "wake");
  const replace = vi.spyOn(database, "replace");
  const hasEnded = vi.spyOn(database, "hasEnded");
  const health = watchHealth({ database, ready: () => true, isHidden: () => false, restart, hopeless });
  return { health, restart, hopeless, wake, replace, hasEnded };
}

it("asks how the connection is only when the server has been silent for five seconds", async () => {
  const { health, wake } = watched();
  health.wake();
  await vi.advanceTimersByTimeAsync(4000);
  health.confirm();
  health.wake();
  expect(wake).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5000);
  health.wake();
  health.wake();
  expect(wake).toHaveBeenCalledTimes(1);
  health.close();
});

it("replaces a Firestore that has ended itself, and begins to listen anew", async () => {
  const { health, hasEnded, replace, restart } = watched();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(replace).not.toHaveBeenCalled();
  hasEnded.mockResolvedValueOnce(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(replace).toHaveBeenCalledTimes(1);
  expect(restart).toHaveBeenCalledTimes(1);
  health.close();
});

it("looks at once whether Firestore has ended when the connection cannot be replaced", async () => {
  const { health, wake, hasEnded, replace } = watched();
  await vi.advanceTimersByTimeAsync(7000);
  wake.mockResolvedValueOnce(false);
  hasEnded.mockResolvedValueOnce(true);
  health.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(replace).toHaveBeenCalledTimes(1);
  health.close();
});

it("gives up, and says so, when Firestore ends itself again and again", async () => {
  const { health, hasEnded, replace, hopeless } = watched();
  hasEnded.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(replace).toHaveBeenCalledTimes(3);
  expect(hopeless).toHaveBeenCalled();
  health.close();
});
