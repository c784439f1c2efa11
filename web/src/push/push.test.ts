import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Inbox } from "../core/inbox";
import type { ToWorker } from "./messages";
import { openPush } from "./push";

const devices = vi.hoisted(() => ({ register: vi.fn(), deregister: vi.fn() }));
vi.mock("./devices", () => devices);

/** What happened, in its order: messages to the worker, and what was asked of FCM and Firestore. */
let story: string[] = [];
let kept: Map<string, string>;

beforeEach(() => {
  story = [];
  kept = new Map();
  devices.register.mockImplementation(async (_app, { uid, token }) => void story.push(`register ${uid} ${token}`));
  devices.deregister.mockImplementation(async (_app, uid) => void story.push(`deregister ${uid}`));
  vi.stubGlobal("Notification", { permission: "granted", requestPermission: async () => "granted" });
  vi.stubGlobal("navigator", { language: "de-AT", serviceWorker: new EventTarget() });
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

const worker = { postMessage: ({ tidings, uid }: ToWorker) => story.push(`${tidings} ${uid}`) };
const registration = Promise.resolve({ active: worker } as unknown as ServiceWorkerRegistration);

function source(shared: boolean, take: () => Promise<string> = async () => `token-${story.length}`) {
  return {
    shared,
    take: async () => {
      story.push("take");
      return take();
    },
    drop: async () => void story.push("drop"),
  };
}

function open(uid: string, from = source(true)) {
  const state = { notifications: [], connectionStatus: "connected", loaded: true };
  const inbox = {
    uid,
    getSnapshot: () => state,
    subscribe(listener: (value: typeof state) => void) {
      listener(state);
      return () => {};
    },
  } as unknown as Inbox;
  return openPush({ app: {} as never, inbox, registration, source: from });
}

const settled = (push: ReturnType<typeof openPush>) =>
  vi.waitFor(() => expect(["on", "failed"]).toContain(push.getSnapshot().status));
const plain = () => story.filter(one => !/^(page|unread)/.test(one)).map(one => one.replace(/token-.*/, "token"));

describe("openPush", () => {
  it("registers this browser where notifications are permitted, and tells the worker whose pushes come", async () => {
    const push = open("ada");
    await settled(push);
    expect(push.getSnapshot()).toEqual({ status: "on", error: null });
    expect(plain()).toEqual(["guard ada", "take", "own ada", "register ada token"]);
    expect(devices.register.mock.lastCall?.[1]).toMatchObject({ locale: "de-AT" });
    push.close();
  });

  it("has one installation per browser, whoever registers it", async () => {
    for (const uid of ["ada", "ada", "bea"]) {
      const push = open(uid);
      await settled(push);
      push.close();
    }
    const ids = devices.register.mock.calls.slice(-3).map(([, { id }]) => id);
    expect(new Set(ids).size).toBe(1);
  });

  it("gives up the address of who was here before, and shows nothing meanwhile", async () => {
    const first = open("ada");
    await settled(first);
    first.close();
    story = [];
    const second = open("bea");
    await settled(second);
    expect(plain()).toEqual(["guard bea", "drop", "take", "own bea", "register bea token"]);
    second.close();
  });

  it("leaves others alone where each has an address of their own", async () => {
    const first = open("ada", source(false));
    await settled(first);
    const second = open("bea", source(false));
    await settled(second);
    expect(plain()).not.toContain("drop");
    first.close();
    second.close();
  });

  it("says why it could not, and tries again when asked", async () => {
    let broken = true;
    const push = open(
      "ada",
      source(true, async () => {
        if (broken) throw new Error("messaging/token-subscribe-failed");
        return "token-now";
      }),
    );
    await settled(push);
    expect(push.getSnapshot()).toEqual({ status: "failed", error: "messaging/token-subscribe-failed" });
    expect(plain()).not.toContain("own ada");
    broken = false;
    await push.enable();
    expect(push.getSnapshot().status).toBe("on");
    push.close();
  });

  it("asks for nothing by itself, and nothing of who has said no", async () => {
    vi.stubGlobal("Notification", { permission: "default", requestPermission: async () => "denied" });
    const push = open("ada");
    expect(push.getSnapshot().status).toBe("off");
    push.close();
    vi.stubGlobal("Notification", { permission: "denied" });
    const other = open("ada");
    await other.enable();
    expect(other.getSnapshot().status).toBe("denied");
    expect(plain()).toEqual([]);
    other.close();
  });

  it("leaves nothing behind on sign-out", async () => {
    const push = open("ada");
    await settled(push);
    story = [];
    await push.signOut();
    expect(plain().sort()).toEqual(["deregister ada", "drop", "leave ada"]);
    expect(kept.has("tidings.pushes")).toBe(false);
  });

  it("signs out within five seconds without a network", async () => {
    vi.useFakeTimers();
    try {
      const push = open("ada");
      await vi.waitFor(() => expect(push.getSnapshot().status).toBe("on"));
      devices.deregister.mockImplementation(() => new Promise(() => {}));
      const out = push.signOut();
      await vi.advanceTimersByTimeAsync(5000);
      await out;
      expect(plain()).toContain("leave ada");
    } finally {
      vi.useRealTimers();
    }
  });
});
