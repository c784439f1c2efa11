import type { FirebaseApp } from "firebase/app";
import { afterEach, expect, it, vi } from "vitest";
import { examine } from "./health";

const settings = { host: "127.0.0.1:8080", ssl: false };
const firestore = vi.hoisted(() => ({ answer: () => {}, sign: () => {} }));
vi.mock("firebase/firestore", () => ({
  doc: () => ({}),
  getDocFromServer: () => new Promise<void>(resolve => (firestore.answer = resolve)),
  onSnapshotsInSync: (_firestore: unknown, listener: () => void) => {
    firestore.sign = listener;
    return () => {
      firestore.sign = () => {};
    };
  },
}));
vi.mock("./instance", () => ({ firestoreOf: () => ({ toJSON: () => ({ settings }) }) }));

const app = { options: { projectId: "demo" } } as FirebaseApp;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each([
  ["dead, if the old connection is silent and a new one is not", 0, null, "dead"],
  ["alive, if it is busy with what the product asks, and answers late", 8, 800, "alive"],
  ["dead, if it never answers us, whatever it says", 100, null, "dead"],
])("takes a connection for %s", async (_what, signs, answeredAt, health) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("fetch", async () => new Response(""));
  const found = examine(app, "bob");
  for (let at = 100; at <= 5000; at += 100) {
    await vi.advanceTimersByTimeAsync(100);
    if (at <= signs * 100) firestore.sign();
    if (at === answeredAt) firestore.answer();
  }
  expect(await found).toBe(health);
});
