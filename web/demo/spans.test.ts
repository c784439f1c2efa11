import { expect, it } from "vitest";
import { arrange, newTrace, type Span, took } from "./spans";

function span(spanId: string, parentId: string, start: number, duration: number): Span {
  return {
    spanId,
    parentId,
    name: spanId,
    kind: "internal",
    service: "",
    start,
    duration,
    failed: false,
    attributes: {},
    links: [],
  };
}

it("puts each span below the one that it is within, in the order of their beginning", () => {
  const rows = arrange([
    span("push", "process", 180, 20),
    span("commit", "process", 150, 25),
    span("door", "of this page", 100, 50),
    span("process", "send", 140, 60),
    span("send", "door", 110, 30),
  ]);
  expect(rows.map(({ span, depth }) => `${depth} ${span.name}`)).toEqual([
    "0 door",
    "1 send",
    "2 process",
    "3 commit",
    "3 push",
  ]);
  expect(rows.map(({ from, length }) => [from, length])).toEqual([
    [0, 0.5],
    [0.1, 0.3],
    [0.4, 0.6],
    [0.5, 0.25],
    [0.8, 0.2],
  ]);
});

it("has no rows for no spans", () => expect(arrange([])).toEqual([]));

it("begins traces as the recommendation says", () => {
  const { id, header } = newTrace();
  expect(header).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-01$`));
  expect(newTrace().id).not.toBe(id);
});

it("writes durations for people", () => {
  expect([8, 999, 1234, 99_999, 123_456].map(took)).toEqual(["8 µs", "999 µs", "1.2 ms", "100.0 ms", "123 ms"]);
});
