import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { giveBack, hold } from "./sessions";

vi.mock("../core/firestore", () => ({ placeOf: () => "https://firestore.example" }));

const now = Date.parse("2026-11-27T09:00:00Z");
const page = { app: { options: { projectId: "demo" } } as FirebaseApp, uid: "ada", id: "tab", idToken: "token" };

/** Firestore: it answers so, one request after the other, and the last answer for all that follow. */
let answers: (number | Error | object)[] = [];
let asked: {
  method: string;
  body: { writes?: [{ update: { fields: object }; updateMask: { fieldPaths: string[] } }] };
}[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (url: string, { body, headers }: { body: string; headers: Record<string, string> }) => {
    expect(headers.Authorization).toBe("Bearer token");
    asked.push({ method: String(url.split(":").at(-1)), body: JSON.parse(body) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    const status = typeof answer === "number" ? answer : 200;
    return { ok: status === 200, status, json: async () => answer };
  });
});
afterEach(() => void vi.unstubAllGlobals());

/** A profile with leases that end so many seconds from now. */
const profileOf = (ends: Record<string, number>) => [
  { found: { fields: { sessions: { mapValue: { fields: Object.fromEntries(Object.entries(ends).map(entryOf)) } } } } },
];
const entryOf = ([id, end]: [string, number]) => [
  id,
  { mapValue: { fields: { expiresAt: { timestampValue: new Date(now + end * 1000).toISOString() } } } },
];
const tabs = (count: number, end: (i: number) => number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, end(i)]));

const lastMask = () => asked.at(-1)?.body.writes?.[0].updateMask.fieldPaths;

describe("a page's lease in the profile", () => {
  it("is one write", async () => {
    answers = [200];
    await hold(page, now, now + 60_000, "post/42");
    expect(asked.map(({ method }) => method)).toEqual(["commit"]);
    expect(lastMask()).toEqual(["sessions.`tab`"]);
  });

  it("brings what the person did, when it is taken and when it is given back", async () => {
    answers = [200];
    const deeds = { arrayValue: { values: [{ stringValue: "seen 1 2 a" }, { stringValue: "acted 3 4 b" }] } };
    await hold(page, now, now + 60_000, null, ["seen 1 2 a", "acted 3 4 b"]);
    expect(lastMask()).toEqual(["sessions.`tab`", "deeds"]);
    expect(asked.at(-1)?.body.writes?.[0].update.fields).toMatchObject({ deeds, sessions: {} });
    await giveBack(page, ["seen 1 2 a", "acted 3 4 b"]);
    expect(lastMask()).toEqual(["sessions.`tab`", "deeds"]);
    expect(asked.at(-1)?.body.writes?.[0].update.fields).toEqual({ deeds });
    await giveBack(page);
    expect(lastMask()).toEqual(["sessions.`tab`"]);
  });

  it.each([
    ["those that are over go, where all places are taken", tabs(20, i => (i < 2 ? -5 : 30)), ["`t0`", "`t1`"]],
    ["the one that ends first goes, where all of them live", tabs(20, i => 50 - i), ["`t19`"]],
    ["one with an odd name goes", { ...tabs(19, () => 30), "odd ` \\": -5 }, ["`odd \\` \\\\`"]],
  ])("%s", async (_, ends, gone) => {
    answers = [403, profileOf(ends), 200];
    await hold(page, now, now + 60_000, null);
    expect(asked.map(({ method }) => method)).toEqual(["commit", "batchGet", "commit"]);
    expect(lastMask()).toEqual(["sessions.`tab`", ...gone.map(id => `sessions.${id}`)]);
  });

  it("is refused for another reason where there is room, after one look", async () => {
    for (const found of [profileOf(tabs(19, () => -5)), [{ missing: "…" }], []]) {
      asked = [];
      answers = [403, found];
      await expect(hold(page, now, now + 60_000, null)).rejects.toMatchObject({ code: "permission-denied" });
      expect(asked).toHaveLength(2);
    }
  });

  it("is tried again while Firestore is busy, and given up for now after that", async () => {
    vi.useFakeTimers();
    answers = [409, 503, 200];
    const given = giveBack(page);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked).toHaveLength(1); // who is busy is not asked again at once
    await vi.runAllTimersAsync();
    await given;
    expect(asked).toHaveLength(3);
    asked = [];
    answers = [503];
    const refused = expect(giveBack(page)).rejects.toMatchObject({ code: "unavailable" });
    await vi.runAllTimersAsync();
    await refused;
    expect(asked).toHaveLength(4);
    vi.useRealTimers();
  });

  it("does not hide why it could not be written", async () => {
    answers = [new TypeError("Failed to fetch")];
    await expect(hold(page, now, now + 60_000, null)).rejects.toMatchObject({ code: "unavailable" });
    answers = [404];
    await expect(giveBack(page)).rejects.toMatchObject({ code: "unknown" });
  });
});
