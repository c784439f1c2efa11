import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { english } from "../react/english";
import { snoozeTimes } from "../react/snooze";
import { aNotification } from "../testing/notifications";
import { firestoreOf, Shelf } from "../testing/shelf";
import { openInbox } from "./open-inbox";

const stage = vi.hoisted(() => ({ shelf: null as Shelf | null, offset: 0, asked: 0 }));
vi.mock("./firestore", () => firestoreOf(() => stage.shelf as Shelf));
vi.mock("./announcements/firestore", () => ({
  ...firestoreOf(() => stage.shelf as Shelf),
  async askServer() {
    stage.asked++;
    return { offset: stage.offset, profile: {} };
  },
}));

const hour = 3_600_000;
const real = Date.UTC(2026, 10, 26, 12); // what time it is
const app = { name: "test" } as FirebaseApp;

beforeAll(() => Promise.all([import("./late"), import("./announcements")])); // a file takes real time
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each([3 * hour, -3 * hour])("on a machine whose clock is wrong by %i ms", skew => {
  const told = aNotification({ id: "everybody", updatedAt: real - 4000, expireAt: real + hour });

  async function opened({ isTold = false } = {}) {
    vi.setSystemTime(real + skew);
    const shelf = new Shelf(100, { prompt: true });
    stage.shelf = shelf;
    stage.offset = -skew;
    stage.asked = 0;
    if (isTold) shelf.board.put(told);
    shelf.put(
      aNotification({ id: "fresh", updatedAt: real - 1000 }),
      aNotification({ id: "soon over", updatedAt: real - 2000, expireAt: real + hour }),
      aNotification({ id: "over", expireAt: real - hour }),
      aNotification({ id: "snoozed", snoozedUntil: real + hour }),
      aNotification({ id: "back", updatedAt: real - 3000, snoozedUntil: real - hour }),
    );
    const inbox = openInbox({ app, user: { uid: "bob", getIdToken: async () => "token" } });
    await vi.advanceTimersByTimeAsync(10);
    shelf.answer();
    await vi.advanceTimersByTimeAsync(10);
    return { shelf, inbox, listed: () => inbox.getSnapshot().notifications.map(({ id }) => id) };
  }

  it("the inbox goes by the server's time: just now is now, what is over is over, what is snoozed is snoozed", async () => {
    const { inbox, listed } = await opened();
    expect(Math.abs(inbox.clock.now() - real)).toBeLessThan(1000);
    expect(listed()).toEqual(["fresh", "soon over", "back"]);
    await vi.advanceTimersByTimeAsync(hour);
    expect(listed()).toEqual(["fresh", "back", "snoozed"]);
    inbox.close();
  });

  it("a snooze of an hour ends in an hour", async () => {
    const { shelf, inbox, listed } = await opened();
    const until = snoozeTimes(inbox.clock.now(), english).find(({ id }) => id === "hour")?.until ?? 0;
    expect(Math.abs(until - real - hour)).toBeLessThan(1000);
    await inbox.snooze("fresh", until);
    expect(shelf.items.get("fresh")?.snoozedUntil).toBe(until);
    expect(listed()).not.toContain("fresh");
    await vi.advanceTimersByTimeAsync(hour);
    expect(listed()).toContain("fresh");
    inbox.close();
  });

  it.each([
    ["before", true],
    ["after", false],
  ])(
    "the server is asked once, also about who is told something %s, and again when the machine's clock is set right",
    async (_when, isTold) => {
      const { shelf, inbox, listed } = await opened({ isTold });
      shelf.board.put(told);
      shelf.answer();
      await vi.advanceTimersByTimeAsync(10);
      expect(listed()).toEqual(["fresh", "soon over", "back", "everybody"]);
      expect(stage.asked).toBe(1);
      stage.offset = 0;
      vi.setSystemTime(real);
      shelf.put(aNotification({ id: "new", updatedAt: real }));
      shelf.answer();
      await vi.advanceTimersByTimeAsync(10);
      expect(Math.abs(inbox.clock.now() - real)).toBeLessThan(1000);
      expect(listed()).toEqual(["new", "fresh", "soon over", "back", "everybody"]);
      expect(stage.asked).toBe(2);
      inbox.close();
    },
  );
});
