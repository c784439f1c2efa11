import type { FirebaseApp } from "firebase/app";
import { afterEach, expect, it, vi } from "vitest";
import { askServer, type Late } from "./firestore";

const bob = { uid: "bob", getIdToken: async () => "token" };
const app = { options: { projectId: "demo" } } as FirebaseApp;
const late: Late = {
  firestoreOf: () => {
    throw new Error("nobody listens");
  },
  placeOf: () => "http://127.0.0.1:8080",
  abortAfter: () => new AbortController().signal,
  longest: 3000,
};

afterEach(() => void vi.unstubAllGlobals());

it.each([3, -3])("takes the server's time from the answer: the machine is %i hours off", async hours => {
  const readTime = new Date(Date.now() - hours * 3_600_000).toISOString();
  const asked = vi.fn(async (_address: string, _options: RequestInit) => new Response(`[{"readTime": "${readTime}"}]`));
  vi.stubGlobal("fetch", asked);
  const { offset, profile } = await askServer(late, app, bob);
  expect(Math.abs((offset ?? 0) + hours * 3_600_000)).toBeLessThan(1000);
  expect(asked.mock.lastCall?.[0]).toBe(
    "http://127.0.0.1:8080/v1/projects/demo/databases/(default)/documents:batchGet",
  );
  expect(profile).toEqual({}); // there is none yet
  expect(asked.mock.lastCall?.[1].headers).toEqual({ Authorization: "Bearer token" });
});

it("takes what the person has said from the same answer", async () => {
  const fields = { locale: { stringValue: "de" } };
  const asked = vi.fn(async (_address: string, _options: RequestInit) =>
    Response.json([{ found: { name: "users/bob", fields }, readTime: "2026-11-27T02:00:00Z" }]),
  );
  vi.stubGlobal("fetch", asked);
  expect((await askServer(late, app, bob)).profile).toEqual(fields);
  expect(JSON.parse(String(asked.mock.lastCall?.[1].body))).toEqual({
    documents: ["projects/demo/databases/(default)/documents/users/bob"],
    mask: { fieldPaths: ["locale", "preferences.in_app"] },
  });
});

it.each([
  ["nobody answers", async () => Promise.reject(new TypeError("Failed to fetch"))],
  ["the answer has no time", async () => new Response("[{}]")],
  ["the answer is none", async () => new Response("{}")],
  ["the answer is no JSON", async () => new Response("<html>")],
])("knows no time where %s", async (_what, fetched) => {
  vi.stubGlobal("fetch", fetched);
  expect(await askServer(late, app, bob)).toEqual({ offset: null, profile: null });
});
