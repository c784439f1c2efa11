import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { movableClock } from "../core/clock";
import type { Inbox } from "../core/inbox";
import { openPresence } from "./presence";

const stored = vi.hoisted((): { puts: { place: string; fields: Record<string, unknown> }[]; removed: number } => ({
  puts: [],
  removed: 0,
}));
vi.mock("../core/firestore", () => ({ firestoreOf: () => ({ toJSON: () => ({}) }) }));
vi.mock("firebase/firestore", () => ({
  Timestamp: { fromMillis: (ms: number) => ms },
  doc: (_firestore: unknown, collection: string) => collection,
  setDoc: async (place: string, fields: Record<string, unknown>) => void stored.puts.push({ place, fields }),
  onSnapshot: () => () => {},
}));

const hour = 3_600_000;
const page = Object.assign(new EventTarget(), { visibilityState: "visible" });

beforeAll(() => import("./documents"));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  Object.assign(stored, { puts: [], removed: 0 });
  page.visibilityState = "visible";
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("fetch", async () => {
    stored.removed++;
    return { status: 200 };
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function opened(audience: string | null = null, skew = 0) {
  const clock = movableClock();
  clock.setOffset(-skew); // as the inbox's clock corrects a machine that is off by this
  const inbox = {
    uid: "ada",
    clock,
    subscribe(listener: (snapshot: { loaded: boolean }) => void) {
      listener({ loaded: true });
      return () => {};
    },
  } as unknown as Inbox;
  const user = { uid: "ada", getIdToken: async () => "token" };
  const presence = openPresence({
    app: { options: {} } as FirebaseApp,
    user,
    inbox,
    ...(audience ? { audience } : {}),
  });
  return { presence, clock };
}

/** What was written to which kind of document, once there are so many writes. */
async function written(count: number) {
  while (stored.puts.length < count) await new Promise(resolve => setImmediate(resolve));
  return stored.puts.map(({ place, fields: { expiresAt: _, ...fields } }) => `${place} ${JSON.stringify(fields)}`);
}

/** Until when the last lease lasts. */
const lastEnd = () => Number(stored.puts.at(-1)?.fields.expiresAt);

describe("a page's presence", () => {
  it("is a lease for the functions, and one for the audience, which are given back when it is hidden", async () => {
    const { presence } = opened("harbour");
    expect(await written(2)).toEqual(['users {"target":null,"visible":true}', 'audiences {"typing":false}']);
    presence.show("post/42");
    expect((await written(3)).at(-1)).toBe('users {"target":"post/42","visible":true}');
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    while (stored.removed < 2) await new Promise(resolve => setImmediate(resolve));
    presence.close();
  });

  it("says that the person types, until three seconds after the last key", async () => {
    const { presence } = opened("harbour");
    await written(2);
    presence.typing();
    expect((await written(3)).at(-1)).toBe('audiences {"typing":true}');
    await vi.advanceTimersByTimeAsync(2900);
    presence.typing();
    await vi.advanceTimersByTimeAsync(2900);
    expect(stored.puts).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(200);
    expect((await written(4)).at(-1)).toBe('audiences {"typing":false}');
    presence.close();
  });

  it.each([3 * hour, -3 * hour])("ends by the server's time, on a machine that is %i ms off", async skew => {
    const real = Date.now();
    vi.setSystemTime(real + skew);
    const { presence, clock } = opened(null, skew);
    await written(1);
    expect(Math.abs(lastEnd() - real - 60_000)).toBeLessThan(1000);
    clock.setOffset(-skew + hour); // time jumps: what is held is written anew
    await written(2);
    expect(Math.abs(lastEnd() - real - hour - 60_000)).toBeLessThan(1000);
    presence.close();
  });
});
