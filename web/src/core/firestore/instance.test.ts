import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { firestoreOf, forget, replaceFirestore } from "./instance";

const sdk = vi.hoisted(() => ({ story: [] as string[], pending: Promise.resolve(), made: 0 }));
vi.mock("firebase/firestore", () => {
  const said = (what: string) => async () => void sdk.story.push(what);
  return {
    initializeFirestore: (_app: unknown, { localCache }: { localCache: string }) => sdk.story.push(localCache),
    getFirestore: () => ({ number: ++sdk.made }),
    persistentLocalCache: () => "persistent cache",
    persistentMultipleTabManager: () => null,
    memoryLocalCache: () => "memory cache",
    connectFirestoreEmulator: () => {},
    waitForPendingWrites: () => sdk.pending.then(said("pending marks are sent")),
    terminate: said("terminated"),
    clearIndexedDbPersistence: said("cache is deleted"),
  };
});

const app = () => ({ name: "test" }) as FirebaseApp;

beforeEach(() => {
  sdk.story = [];
  sdk.pending = Promise.resolve();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("forget", () => {
  it("sends what waits, and deletes what the browser keeps; another inbox begins anew", async () => {
    const own = app();
    const before = firestoreOf(own);
    sdk.story = [];
    await forget(own);
    expect(sdk.story).toEqual(["pending marks are sent", "terminated", "cache is deleted"]);
    expect(firestoreOf(own)).not.toBe(before);
  });

  it("does not wait for the network for more than two seconds", async () => {
    sdk.pending = new Promise(() => {});
    const forgotten = forget(app());
    await vi.advanceTimersByTimeAsync(2000);
    await forgotten;
    expect(sdk.story.slice(-2)).toEqual(["terminated", "cache is deleted"]);
  });
});

it("a Firestore that has ended itself is replaced by a fresh one", () => {
  const own = app();
  const ended = firestoreOf(own);
  expect(firestoreOf(own)).toBe(ended);
  replaceFirestore(own);
  expect(firestoreOf(own)).not.toBe(ended);
});

it("keeps its cache in IndexedDB where there is one, and in memory where there is none", () => {
  firestoreOf(app());
  vi.stubGlobal("indexedDB", {});
  firestoreOf(app());
  expect(sdk.story).toEqual(["memory cache", "persistent cache"]);
});
