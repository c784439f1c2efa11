import { afterEach, expect, it, vi } from "vitest";
import { daysOf, type Figures, funnelsOf, type HeldRow, heldBack, type Row, readFigures, timesOf } from "./figures";

const nothing: Row = {
  type: "post.liked",
  channel: "in_app",
  day: "2026-11-27",
  accepted: 0,
  shown: 0,
  pushed: 0,
  mailed: 0,
  bounced: 0,
  unsubscribed: 0,
  displayed: 0,
  seen: 0,
  opened: 0,
  acted: 0,
  medianMicros: 0,
  p95Micros: 0,
  seenMedianMicros: 0,
  seenP95Micros: 0,
};
const row = (given: Partial<Row>): Row => ({ ...nothing, ...given });
const held = (type: string, reason: string, count: number, channel: Row["channel"] = "push"): HeldRow => ({
  type,
  reason,
  count,
  channel,
  day: nothing.day,
});
const figures = (rows: readonly Row[], heldRows: readonly HeldRow[] = []): Figures => ({
  from: "2026-11-21",
  to: "2026-11-27",
  rows,
  held: heldRows,
});
const said = (given: Figures) =>
  funnelsOf(given).map(
    ({ type, counts }) => `${type}: ${counts.map(({ step, count }) => `${step} ${count}`).join(", ")}`,
  );

afterEach(() => void vi.unstubAllGlobals());

it("adds up the days, the most frequent type first", () => {
  expect(
    said(
      figures([
        row({ accepted: 3, shown: 2 }),
        row({ accepted: 4, shown: 4, day: "2026-11-26" }),
        row({ type: "order.shipped", accepted: 8, shown: 8 }),
      ]),
    ),
  ).toEqual(["order.shipped: accepted 8, shown 8", "post.liked: accepted 7, shown 6"]);
});

it("takes pushes from the channel that pushes, and what people did from the inbox", () => {
  const push = row({ channel: "push", accepted: 0, pushed: 2, displayed: 1, seen: 2 });
  expect(said(figures([row({ accepted: 3, shown: 3, seen: 3, opened: 1 }), push]))).toEqual([
    "post.liked: accepted 3, shown 3, pushed 2, displayed 1, seen 3, opened 1",
  ]);
});

it("leaves out what nobody tells, which is not none", () => {
  const seen = [row({ accepted: 3, shown: 3 }), row({ type: "order.shipped", accepted: 1, shown: 1, seen: 1 })];
  expect(said(figures(seen))).toEqual([
    "post.liked: accepted 3, shown 3, seen 0",
    "order.shipped: accepted 1, shown 1, seen 1",
  ]);
  expect(said(figures(seen.slice(0, 1)))).toEqual(["post.liked: accepted 3, shown 3"]);
});

it("says of a type that was to be pushed that none was, and of others nothing", () => {
  const all = [
    row({ accepted: 3, shown: 3 }),
    row({ type: "quiet", accepted: 2, shown: 2 }),
    row({ type: "loud", accepted: 1, shown: 1 }),
    row({ type: "loud", channel: "push", pushed: 1 }),
  ];
  expect(said(figures(all, [held("post.liked", "presence", 3)]))).toEqual([
    "post.liked: accepted 3, shown 3, pushed 0",
    "quiet: accepted 2, shown 2",
    "loud: accepted 1, shown 1, pushed 1",
  ]);
});

it("says how many answered only of a type that asks something", () => {
  const asks = row({ type: "friend.requested", accepted: 2, shown: 2, acted: 1 });
  expect(said(figures([row({ accepted: 3, shown: 3 }), asks]))).toEqual([
    "post.liked: accepted 3, shown 3",
    "friend.requested: accepted 2, shown 2, acted 1",
  ]);
});

it("tells of mails only where a type is mailed", () => {
  const all = [
    row({ accepted: 3, shown: 3 }),
    row({ type: "payment.failed", accepted: 2, shown: 2 }),
    row({ type: "payment.failed", channel: "email", mailed: 1, bounced: 1 }),
    row({ type: "security.alert", accepted: 1, shown: 1 }),
    row({ type: "security.alert", channel: "email", mailed: 1 }),
    row({ type: "", channel: "email", unsubscribed: 4 }), // digests, which are no type's
  ];
  expect(said(figures(all))).toEqual([
    "post.liked: accepted 3, shown 3",
    "payment.failed: accepted 2, shown 2, mailed 1, bounced 1, unsubscribed 0",
    "security.alert: accepted 1, shown 1, mailed 1, bounced 0, unsubscribed 0",
  ]);
});

it("counts why pushes were held, and not what else was", () => {
  const rows = [
    held("a", "presence", 2),
    held("a", "quiet_hours", 1),
    held("b", "quiet_hours", 4),
    held("b", "quiet_hours", 1),
    held("b", "mute", 9, "email"),
  ];
  expect(heldBack(figures([], rows))).toEqual({
    reasons: ["quiet_hours", "presence"],
    types: [
      { type: "b", counts: { quiet_hours: 5, presence: 0 }, total: 5 },
      { type: "a", counts: { quiet_hours: 1, presence: 2 }, total: 3 },
    ],
  });
});

it("gives the times of the days that have any, in seconds", () => {
  const rows = [
    row({ medianMicros: 40_000, p95Micros: 90_000, seenMedianMicros: 60_000_000, seenP95Micros: 3_600_000_000 }),
    row({ day: "2026-11-26", medianMicros: 50_000, p95Micros: 50_000 }),
    row({ channel: "push", medianMicros: 1, p95Micros: 1 }),
  ];
  expect(timesOf(figures(rows), "post.liked", "seen")).toEqual([{ day: "2026-11-27", median: 60, p95: 3600 }]);
  expect(timesOf(figures(rows), "post.liked", "shown")).toHaveLength(2);
});

it("names every day, also where a month ends", () => {
  expect(daysOf({ from: "2026-10-30", to: "2026-11-02" })).toEqual([
    "2026-10-30",
    "2026-10-31",
    "2026-11-01",
    "2026-11-02",
  ]);
});

it("tells what is wrong with the days, and what the server says of itself", async () => {
  const answer = (status: number, body: unknown) =>
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));
  answer(400, { title: "Invalid days", errors: [{ field: "from", detail: "is after to" }] });
  await expect(readFigures()).rejects.toThrow("from: is after to");
  answer(501, { title: "Not Implemented", detail: "nothing is told here" });
  await expect(readFigures()).rejects.toThrow("nothing is told here");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(readFigures()).rejects.toThrow("no answer");
});
