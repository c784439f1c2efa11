import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createNotices } from "./notice";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const archived = { kind: "archived", count: 1, title: "Carol wrote", busy: false } as const;

it("stands for ten seconds", () => {
  const notices = createNotices(() => {});
  notices.show(archived);
  vi.advanceTimersByTime(9900);
  expect(notices.current).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(notices.current).toBeNull();
});

it.each(["held", "focused", "hidden"])("stands as long as it is %s, and a second at least after that", reason => {
  const notices = createNotices(() => {});
  notices.show(archived);
  vi.advanceTimersByTime(9900);
  notices.pause(reason, true);
  vi.advanceTimersByTime(60_000);
  expect(notices.current).not.toBeNull();
  notices.pause(reason, false);
  vi.advanceTimersByTime(900);
  expect(notices.current).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(notices.current).toBeNull();
});

it("stands while one of two reasons holds it, and so does the next notice in its place", () => {
  const notices = createNotices(() => {});
  notices.pause("held", true);
  notices.pause("focused", true);
  notices.show(archived);
  notices.pause("held", false);
  notices.show({ ...archived, kind: "undone" });
  vi.advanceTimersByTime(60_000);
  expect(notices.current?.kind).toBe("undone");
  notices.pause("focused", false);
  vi.advanceTimersByTime(10_100);
  expect(notices.current).toBeNull();
});

it("stands while more is on its way, whoever looks", () => {
  const notices = createNotices(() => {});
  const key = notices.show({ ...archived, busy: true });
  notices.pause("held", true);
  notices.pause("held", false);
  vi.advanceTimersByTime(60_000);
  notices.change(key, { busy: false });
  vi.advanceTimersByTime(9900);
  expect(notices.current).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(notices.current).toBeNull();
});

it("goes by its key only while it is the one that stands", () => {
  const notices = createNotices(() => {});
  const first = notices.show(archived);
  notices.show({ ...archived, kind: "undone" });
  notices.dismiss(first);
  expect(notices.current?.kind).toBe("undone");
  notices.dismiss();
  expect(notices.current).toBeNull();
});
