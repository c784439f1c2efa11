import { afterAll, describe, expect, it } from "vitest";
import { aNotification } from "../testing/notifications";
import { sectionsOf } from "./days";

const zone = process.env.TZ;
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const hour = 3_600_000;

function sections(now: number, ...times: readonly number[]) {
  return sectionsOf(
    times.map((updatedAt, n) => aNotification({ id: `n${n}`, updatedAt })),
    now,
  );
}

describe("the days of a list", () => {
  it("begin where the person's calendar has them, each once", () => {
    process.env.TZ = "America/Sao_Paulo";
    const now = new Date(2026, 10, 26, 0, 30).getTime();
    const at = (day: number, hours: number) => new Date(2026, 10, day, hours).getTime();
    expect(sections(now, now, at(26, 0), at(25, 23), at(25, 0), at(24, 23), at(1, 0))).toEqual([
      "today",
      null,
      "yesterday",
      null,
      "earlier",
      null,
    ]);
  });

  it.each([
    ["of 25 hours", new Date(Date.UTC(2026, 9, 25, 22, 30)), 24],
    ["of 23 hours", new Date(Date.UTC(2026, 2, 29, 21, 30)), 22],
  ])("one %s, when the clocks change, is still today", (_name, late, hours) => {
    process.env.TZ = "Europe/Berlin"; // 23:30 in the evening
    const now = late.getTime();
    expect(sections(now, now - hours * hour, now - (hours + 1) * hour)).toEqual(["today", "yesterday"]);
  });

  it("are another person's in another time zone", () => {
    const noon = Date.UTC(2026, 10, 26, 12);
    process.env.TZ = "Asia/Kolkata"; // 17:30
    expect(sections(noon, noon - 17 * hour)).toEqual(["today"]);
    process.env.TZ = "America/Los_Angeles"; // 04:00
    expect(sections(noon, noon - 17 * hour)).toEqual(["yesterday"]);
  });

  it("what a clock ahead of ours has written is of today", () => {
    expect(sections(0, 2 * hour)).toEqual(["today"]);
  });

  it("come below what waits for the person, however old that is", () => {
    const now = new Date(2026, 10, 26, 12).getTime();
    const items = [
      aNotification({ id: "old", priority: "urgent", updatedAt: now - 400 * hour }),
      aNotification({ id: "new", updatedAt: now }),
      aNotification({ id: "read", priority: "urgent", updatedAt: now - hour, readAt: now }),
    ];
    expect(sectionsOf(items, now)).toEqual(["waiting", "today", null]);
  });
});
