import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { movableClock } from "../core/clock";
import type { Inbox } from "../core/inbox";
import type { Notification } from "../core/model";
import { aNotification } from "../testing/notifications";
import { leaseBeat } from "./lease";
import { openPresence } from "./presence";

/** What has gone to Firestore, in its order: one line for each write. */
const wire = vi.hoisted(
  (): { lines: string[]; deeds: string[][]; ends: number[]; calls: number; refusing: boolean } => ({
    lines: [],
    deeds: [],
    ends: [],
    calls: 0,
    refusing: false,
  }),
);
vi.mock("../core/firestore", () => ({ firestoreOf: () => ({}), placeOf: () => "https://firestore.example" }));
vi.mock("firebase/firestore", () => ({
  Timestamp: { fromMillis: (ms: number) => ms },
  doc: (_firestore: unknown, ...path: string[]) => path[0],
  setDoc: async (place: string, { typing, expiresAt }: { typing: boolean; expiresAt: number }) => {
    wire.calls++;
    wire.ends.push(expiresAt);
    wire.lines.push(`${place}: ${typing ? "types" : "there"}`);
  },
  onSnapshot: () => () => {},
}));

const hour = 3_600_000;
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

beforeAll(() => import("./documents"));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  Object.assign(wire, { lines: [], deeds: [], ends: [], calls: 0, refusing: false });
  page.visibilityState = "visible";
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    wire.calls++;
    if (wire.refusing) return { ok: url.endsWith(":batchGet"), status: 403, json: async () => [] };
    expect(url).toBe("https://firestore.example/v1/projects/demo/databases/(default)/documents:commit");
    for (const write of JSON.parse(body).writes) note(write);
    return { ok: true };
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Write {
  readonly delete?: string;
  readonly update?: { name: string; fields?: Fields };
  readonly updateMask?: { fieldPaths: string[] };
}
interface Fields {
  readonly sessions?: { readonly mapValue: { readonly fields: Record<string, Lease> } };
  readonly deeds?: { readonly arrayValue: { readonly values: { readonly stringValue: string }[] } };
}
interface Lease {
  readonly mapValue: {
    readonly fields: { expiresAt: { timestampValue: string }; target: { stringValue?: string }; visible: object };
  };
}

function note({ delete: gone, update, updateMask }: Write) {
  if (gone) {
    wire.lines.push(`${gone.split("/")[5]}: gone`);
    return;
  }
  expect(update?.name).toBe("projects/demo/databases/(default)/documents/users/ada");
  const deeds = update?.fields?.deeds?.arrayValue.values.map(({ stringValue }) => stringValue);
  if (deeds) {
    expect(updateMask?.fieldPaths.pop()).toBe("deeds");
    wire.deeds.push(deeds);
  }
  const [entry] = Object.entries(update?.fields?.sessions?.mapValue.fields ?? {});
  if (!entry) {
    wire.lines.push("users: gone");
    return;
  }
  const [id, { mapValue }] = entry;
  expect(updateMask?.fieldPaths).toEqual([`sessions.\`${id}\``]);
  expect(mapValue.fields.visible).toEqual({ booleanValue: true });
  wire.lines.push(`users: ${mapValue.fields.target.stringValue ?? "in view"}`);
  wire.ends.push(Date.parse(mapValue.fields.expiresAt.timestampValue));
}

function opened(audience: string | null = null, skew = 0) {
  const clock = movableClock();
  clock.setOffset(-skew); // as the inbox's clock corrects a machine that is off by this
  const listeners: ((snapshot: Seen) => void)[] = [];
  const inbox = {
    uid: "ada",
    clock,
    subscribe(listener: (snapshot: Seen) => void) {
      listeners.push(listener);
      listener({ loaded: true, notifications: [] });
      return () => {};
    },
  } as unknown as Inbox;
  const user = { uid: "ada", getIdToken: async () => "token" };
  const presence = openPresence({
    app: { options: { projectId: "demo" } } as FirebaseApp,
    user,
    inbox,
    ...(audience ? { audience } : {}),
  });
  const see = (...notifications: Notification[]) => {
    for (const listener of listeners) listener({ loaded: true, notifications });
  };
  return { presence, clock, see };
}

interface Seen {
  readonly loaded: boolean;
  readonly notifications: readonly Notification[];
}

/** What was written, once there are so many writes. */
async function written(count: number) {
  while (wire.lines.length < count) await new Promise(resolve => setImmediate(resolve));
  return wire.lines;
}

function hide() {
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
}

describe("a page's presence", () => {
  it("is a lease for the functions, and one for the audience, which are given back when it is hidden", async () => {
    const { presence } = opened("harbour");
    expect(await written(2)).toEqual(["users: in view", "audiences: there"]);
    presence.show("post/42");
    expect((await written(3)).at(-1)).toBe("users: post/42");
    hide();
    expect((await written(5)).slice(3)).toEqual(["users: gone", "audiences: gone"]);
    presence.close();
  });

  it("says what the person did with the writes that it makes anyway, each list once", async () => {
    const { presence, clock, see } = opened();
    await written(1);
    const seenAt = clock.now();
    see(aNotification({ seenAt }));
    await vi.advanceTimersByTimeAsync(leaseBeat);
    await written(2);
    await vi.advanceTimersByTimeAsync(leaseBeat);
    await written(3);
    see(aNotification({ seenAt, readAt: seenAt + 1, followedAt: seenAt + 1 }));
    hide();
    expect(await written(4)).toEqual(["users: in view", "users: in view", "users: in view", "users: gone"]);
    expect(wire.calls).toBe(4);
    expect(wire.deeds).toEqual([[`seen ${seenAt} 1 n1`], [`opened ${seenAt + 1} 1 n1`, `seen ${seenAt} 1 n1`]]);
    presence.close();
  });

  it("says again what was not written", async () => {
    const { presence, clock, see } = opened();
    await written(1);
    see(aNotification({ seenAt: clock.now() }));
    wire.refusing = true;
    await vi.advanceTimersByTimeAsync(leaseBeat);
    wire.refusing = false;
    presence.show("post/42");
    await written(2);
    expect(wire.deeds).toHaveLength(1);
    presence.close();
  });

  it("costs one write to begin with, one for each renewal and one at the end, and no reads", async () => {
    const { presence } = opened();
    await written(1);
    for (let seconds = 0; seconds < 119; seconds++) await vi.advanceTimersByTimeAsync(1000);
    hide();
    await written(4);
    await vi.advanceTimersByTimeAsync(5 * leaseBeat);
    expect(wire.lines).toEqual(["users: in view", "users: in view", "users: in view", "users: gone"]);
    expect(wire.calls).toBe(4);
    presence.close();
  });

  it("is not renewed soon after it was written for another reason", async () => {
    const { presence } = opened();
    await written(1);
    await vi.advanceTimersByTimeAsync(leaseBeat - 1000);
    presence.show("post/42");
    await written(2);
    await vi.advanceTimersByTimeAsync(leaseBeat - 1000);
    expect(wire.lines).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(wire.lines).toHaveLength(3);
    presence.close();
  });

  it("says so at once when the network comes back", async () => {
    const { presence } = opened();
    await written(1);
    window.dispatchEvent(new Event("online"));
    expect(await written(2)).toEqual(["users: in view", "users: in view"]);
    hide();
    await written(3);
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(leaseBeat);
    expect(wire.lines).toHaveLength(3);
    presence.close();
  });

  it("says that the person types, until three seconds after the last key", async () => {
    const { presence } = opened("harbour");
    await written(2);
    presence.typing();
    expect((await written(3)).at(-1)).toBe("audiences: types");
    await vi.advanceTimersByTimeAsync(2900);
    presence.typing();
    await vi.advanceTimersByTimeAsync(2900);
    expect(wire.lines).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(200);
    expect((await written(4)).at(-1)).toBe("audiences: there");
    presence.close();
  });

  it("is asked for once more when the server has said what time it is", async () => {
    wire.refusing = true; // the machine's clock is hours ahead, and the inbox does not know yet
    const { presence, clock } = opened();
    while (wire.calls < 2) await new Promise(resolve => setImmediate(resolve));
    wire.refusing = false;
    await vi.advanceTimersByTimeAsync(3 * leaseBeat);
    expect(wire.lines).toEqual([]);
    clock.setOffset(-hour);
    expect(await written(1)).toEqual(["users: in view"]);
    presence.close();
  });

  it.each([3 * hour, -3 * hour])("ends by the server's time, on a machine that is %i ms off", async skew => {
    const real = Date.now();
    vi.setSystemTime(real + skew);
    const { presence, clock } = opened("harbour", skew); // one lease for the functions, one that others see
    await written(2);
    for (const end of wire.ends) expect(Math.abs(end - real - 60_000)).toBeLessThan(1000);
    wire.ends = [];
    clock.setOffset(-skew + hour); // time jumps: what is held is written anew
    await written(4);
    expect(wire.ends).toHaveLength(2);
    for (const end of wire.ends) expect(Math.abs(end - real - hour - 60_000)).toBeLessThan(1000);
    presence.close();
  });
});
