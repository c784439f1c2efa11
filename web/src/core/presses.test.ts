import fc from "fast-check";
import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { Shelf, stage } from "../testing/shelf";
import { movableClock } from "./clock";
import type { Notification } from "./model";
import { openInbox } from "./open-inbox";

// A person presses faster than the browser's database shows what a press has done: see testing/shelf.ts, "slow".
vi.mock("./firestore", async () => (await import("../testing/shelf")).staged);
vi.mock("./announcements/firestore", async () => (await import("../testing/shelf")).staged);

const start = 1_000_000; // ms
const later = start + 1_000_000_000; // ms; longer than a test runs
const app = { name: "test" } as FirebaseApp;
const ids = ["one", "two", "all"]; // the last one is an announcement

beforeAll(() => Promise.all([import("./late"), import("./announcements")]));
beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** An inbox of three unread items, one of which everybody was told, with the archive and what is snoozed open. */
async function opened(pageSize: number) {
  const shelf = new Shelf(pageSize, { slow: true });
  stage.shelf = shelf;
  shelf.put(...ids.slice(0, 2).map(id => aNotification({ id, updatedAt: start })));
  shelf.board.put(aNotification({ id: "all", updatedAt: start, expireAt: 2 * later }));
  const user = { uid: "bob", getIdToken: async () => "token" };
  const inbox = openInbox({ app, user, clock: movableClock(), environment: {} });
  const lists = [inbox, inbox.archived, inbox.snoozed];
  const stops = lists.map(list => list.subscribe(() => {}));
  const rig = {
    shelf,
    inbox,
    listed: () => lists.map(list => list.getSnapshot().notifications.map(({ id }) => id)),
    /** The item as the person sees it, in whichever list it stands. */
    row: (id: string) => lists.flatMap(list => list.getSnapshot().notifications).filter(item => item.id === id),
    async calm() {
      do await vi.advanceTimersByTimeAsync(2000);
      while (Number(shelf.answer()) + Number(shelf.settle()) > 0);
    },
    close() {
      for (const stop of stops) stop();
      inbox.close();
    },
  };
  await rig.calm();
  return rig;
}

type Rig = Awaited<ReturnType<typeof opened>>;

/** What of an item the presses turn. */
const stateOf = ({ readAt, archivedAt, snoozedUntil }: Notification) => ({
  read: readAt !== null,
  archived: archivedAt !== null,
  snoozed: snoozedUntil !== null,
});
type State = ReturnType<typeof stateOf>;

/** What keys and buttons do: each turns what the row says. */
const presses: Readonly<Record<keyof State, (inbox: Rig["inbox"], item: Notification) => Promise<unknown>>> = {
  read: (inbox, { id, readAt }) => (readAt === null ? inbox.markRead(id) : inbox.markUnread(id)),
  archived: (inbox, { id, archivedAt }) => (archivedAt === null ? inbox.archive(id) : inbox.unarchive(id)),
  snoozed: (inbox, { id, snoozedUntil }) => inbox.snooze(id, snoozedUntil === null ? later : null),
};

type Step = { readonly press: keyof State; readonly id: string } | (typeof others)[number];

const others = [
  "all read",
  "undo",
  "the cache has one",
  "the server answers",
  "the server decides",
  "a moment",
] as const;

const press = fc.record({
  press: fc.constantFrom(...(Object.keys(presses) as (keyof State)[])),
  id: fc.constantFrom(...ids),
});
const steps = fc.array(fc.oneof<fc.Arbitrary<Step>[]>(press, fc.constantFrom(...others)), { maxLength: 25 });

async function carryOut({ shelf, inbox, row }: Rig, step: Step): Promise<void> {
  if (step === "all read") void inbox.markAllRead();
  else if (step === "undo") inbox.undo();
  else if (step === "the cache has one") shelf.keep();
  else if (step === "the server answers") shelf.answer();
  else if (step === "the server decides") shelf.settle();
  else if (step === "a moment") await vi.advanceTimersByTimeAsync(1);
  else for (const item of row(step.id).slice(0, 1)) void presses[step.press](inbox, item);
}

/** What the person has made of the items, as they know it. */
function createMind({ inbox, row }: Rig) {
  const states = new Map(ids.map(id => [id, { read: false, archived: false, snoozed: false }]));
  let takeBack = () => {};

  function turn(turned: readonly string[], what: keyof State, undoable: boolean) {
    const all = turned.flatMap(id => states.get(id) ?? []);
    const before = all.map(state => ({ state, was: state[what] }));
    const set = (to: (was: boolean) => boolean) => {
      for (const { state, was } of before) state[what] = to(was);
    };
    set(was => !was);
    if (undoable) takeBack = () => set(was => was);
  }

  return {
    states,
    /** Before it is carried out. */
    meet(step: Step) {
      const { notifications, notice } = inbox.getSnapshot();
      if (step === "undo" && notice?.undoable) takeBack();
      const unread = notifications.filter(({ readAt }) => readAt === null).map(({ id }) => id);
      if (step === "all read" && unread.length > 0) turn(unread, "read", true);
      // There is no notice of reading one: `undo` stays about what was done before.
      if (typeof step === "object" && row(step.id).length > 0) turn([step.id], step.press, step.press !== "read");
    },
  };
}

const name = "each press shows at once and counts, however late the database and the server are";
it(name, { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 3, max: 5 }), async (steps, pageSize) => {
      const rig = await opened(pageSize);
      const mind = createMind(rig);
      for (const step of steps) {
        mind.meet(step);
        const before = rig.listed();
        await carryOut(rig, step);
        // What nobody has pressed stays where it is.
        const isPress = typeof step === "object" || step === "undo";
        for (const [list, after] of rig.listed().entries()) {
          if (!isPress) expect([step, after]).toEqual([step, expect.arrayContaining(before[list] ?? [])]);
        }
        for (const [id, state] of mind.states) {
          for (const item of rig.row(id)) expect([step, id, stateOf(item)]).toEqual([step, id, state]);
        }
      }
      await rig.calm();
      const { items, board } = rig.shelf;
      const stored = (id: string) => ({ ...aNotification(), ...items.get(id), ...board.marks.get(id) }) as Notification;
      expect(ids.map(id => [id, stateOf(stored(id))])).toEqual([...mind.states]);
      rig.close();
    }),
    { numRuns: 300 },
  );
});

it("keeps a row that was archived and is back, while the database still archives it", async () => {
  const { shelf, inbox, row, calm, close } = await opened(5);
  void inbox.archive("one");
  inbox.undo();
  await vi.advanceTimersByTimeAsync(0); // both are on their way
  for (let shown = 0; shown < 3; shown++) {
    expect(row("one")).toMatchObject([{ archivedAt: null }]);
    shelf.keep();
  }
  await calm();
  expect(row("one")).toMatchObject([{ archivedAt: null, pending: false }]);
  close();
});

it("follows what another tab does with the item, once the database has shown the press", async () => {
  const { shelf, inbox, row, close } = await opened(5);
  void inbox.markRead("one");
  await vi.advanceTimersByTimeAsync(0); // it is on its way
  shelf.keep();
  void shelf.write({ id: "one", mark: { readAt: null, revision: 1 } }); // the tabs share what waits for the network
  shelf.keep();
  expect(row("one")).toMatchObject([{ readAt: null, pending: true }]);
  close();
});

it("does not hide news, which came before the press had reached the database", async () => {
  const { shelf, inbox, row, calm, close } = await opened(5);
  void inbox.markRead("one");
  expect(row("one")).toMatchObject([{ readAt: expect.any(Number), pending: true }]);
  shelf.put(aNotification({ id: "one", title: "Carol, too", revision: 2, updatedAt: start + 1 }));
  shelf.answer();
  expect(row("one")).toMatchObject([{ title: "Carol, too", readAt: null, pending: false }]);
  await calm();
  expect(row("one")).toMatchObject([{ title: "Carol, too", readAt: null, pending: false }]);
  expect(inbox.getSnapshot().notice).toMatchObject({ kind: "moved-on" });
  close();
});

it("takes back at once what cannot be written", async () => {
  const { shelf, inbox, row, close } = await opened(5);
  vi.spyOn(shelf, "write").mockRejectedValueOnce(new Error("the database is closed"));
  const written = inbox.archive("one");
  expect(row("one")).toEqual([]);
  await expect(written).rejects.toThrow("the database is closed");
  expect(row("one")).toMatchObject([{ archivedAt: null, pending: false }]);
  expect(inbox.getSnapshot().notice).toMatchObject({ kind: "failed" });
  close();
});
