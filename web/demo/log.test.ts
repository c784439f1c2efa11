import { afterEach, expect, it, vi } from "vitest";
import { readLog } from "./log";

afterEach(() => vi.unstubAllGlobals());

function answers(status: number, body: unknown) {
  const fetch = vi.fn(async (_url: string) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

it("asks for the recipients by name, and of an audience for all", async () => {
  const fetch = answers(200, { recipients: [] });
  expect(await readLog("a/b", ["bob", "al ice"])).toEqual({ recipients: [] });
  await readLog("a", []);
  expect(fetch.mock.calls.map(([url]) => url)).toEqual([
    "/v1/events/producer/a%2Fb/log?recipient=bob&recipient=al%20ice",
    "/v1/events/producer/a/log",
  ]);
});

it("says what the problem says, and the status where there is none", async () => {
  answers(404, { title: "Not Found", detail: "no fact is known of this event (yet)" });
  expect(await readLog("a", [])).toEqual({ problem: "no fact is known of this event (yet)" });
  answers(502, {});
  expect(await readLog("a", [])).toEqual({ problem: "The answer was 502." });
});
