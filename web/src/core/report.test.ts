import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MarkResult } from "./marks";
import { createNotices } from "./notice";
import { createReport } from "./report";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig({ online = true } = {}) {
  const notices = createNotices(() => {});
  return { notices, report: createReport(notices, () => online) };
}

describe("a mark that was not made says why", () => {
  it.each(["moved-on", "gone", "refused", "signed-out"] as const)("%s", async result => {
    const { notices, report } = rig();
    expect(await report("Carol wrote", Promise.resolve(result))).toBe(result);
    expect(notices.current).toMatchObject({ kind: result, count: 1, title: "Carol wrote", undoable: false });
  });

  it.each([
    ["unavailable", "unreachable"],
    ["deadline-exceeded", "unreachable"],
    ["resource-exhausted", "quota"],
    ["not-loaded", "not-loaded"],
    ["internal", "failed"],
  ])("%s is %s", async (code, kind) => {
    const { notices, report } = rig();
    const failed = Promise.reject(Object.assign(new Error("no"), { code }));
    await expect(report("Carol wrote", failed)).rejects.toThrow("no");
    expect(notices.current).toMatchObject({ kind, title: "Carol wrote" });
  });

  it("of many: how many for the first reason", async () => {
    const { notices, report } = rig();
    await report("", Promise.resolve<readonly MarkResult[]>(["stored", "moved-on", "gone", "moved-on"]));
    expect(notices.current).toMatchObject({ kind: "moved-on", count: 2 });
  });
});

describe("a mark that waits", () => {
  function waiting(online: boolean) {
    const { notices, report } = rig({ online });
    let decide = (_result: MarkResult) => {};
    const done = report("Carol wrote", new Promise<MarkResult>(resolve => (decide = resolve)));
    const answer = (result: MarkResult) => {
      decide(result);
      return done;
    };
    return { notices, answer };
  }

  it("says so after ten seconds, until the server answers", async () => {
    const { notices, answer } = waiting(true);
    vi.advanceTimersByTime(9900);
    expect(notices.current).toBeNull();
    vi.advanceTimersByTime(200);
    expect(notices.current).toMatchObject({ kind: "waiting", title: "Carol wrote", busy: true });
    await answer("stored");
    expect(notices.current).toBeNull();
  });

  it("and is refused, says why in the end", async () => {
    const { notices, answer } = waiting(true);
    vi.advanceTimersByTime(10_100);
    await answer("signed-out");
    expect(notices.current).toMatchObject({ kind: "signed-out" });
  });

  it("takes no place from what can be undone", async () => {
    const { notices, answer } = waiting(true);
    notices.show({ kind: "archived", count: 1, title: "Dave wrote", busy: false }, () => {});
    notices.pause("held", true);
    vi.advanceTimersByTime(10_100);
    expect(notices.current).toMatchObject({ kind: "archived" });
    await answer("stored");
    expect(notices.current).toMatchObject({ kind: "archived" });
  });

  it("says nothing of its own without a network, where the list says it of all", () => {
    const { notices } = waiting(false);
    vi.advanceTimersByTime(60_000);
    expect(notices.current).toBeNull();
  });
});
