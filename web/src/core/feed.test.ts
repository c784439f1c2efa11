import fc from "fast-check";
import type { FirebaseApp } from "firebase/app";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { choose, type View, wholeView } from "../react/view";
import { aNotification } from "../testing/notifications";
import { Shelf, stage } from "../testing/shelf";
import { movableClock } from "./clock";
import type { Notification, Priority } from "./model";
import { openInbox } from "./open-inbox";

// The whole inbox, on a fake Firestore that behaves like the real one: see testing/shelf.ts.
vi.mock("./firestore", async () => (await import("../testing/shelf")).staged);
vi.mock("./announcements/firestore", async () => (await import("../testing/shelf")).staged);

const start = 1_000_000; // ms
const app = { name: "test" } as FirebaseApp;
const soon = 9000; // ms
const late = 10_000_000; // ms; longer than a test runs
const mostUnreadPages = 11; // the first, and ten more without being asked: see lists.ts

beforeAll(() => Promise.all([import("./late"), import("./announcements")]));
beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** What the person has said, as Firestore's REST API writes it. */
const mapOf = (fields: object) => ({ mapValue: { fields } });
const systemIsOff = { preferences: mapOf({ in_app: mapOf({ system: { booleanValue: false } }) }) };

/** An inbox on a shelf, and all that can happen to the two. */
async function opened(pageSize: number, shelf = new Shelf(pageSize)) {
  stage.shelf = shelf;
  shelf.board.profile = systemIsOff;
  let setOnline = (_online: boolean) => {};
  const inbox = openInbox({
    app,
    user: { uid: "bob", getIdToken: async () => "token" },
    clock: movableClock(),
    environment: {
      watchOnline(listener) {
        setOnline = listener;
        listener(true);
        return () => {};
      },
    },
  });

  return {
    shelf,
    inbox,
    listed: () => inbox.getSnapshot().notifications,
    setOnline(online: boolean) {
      setOnline(online);
      shelf.setOnline(online);
    },
    /** Until nobody has anything new to say. */
    async calm() {
      do await vi.advanceTimersByTimeAsync(2000);
      while (Number(shelf.answer()) + Number(shelf.settle()) > 0);
    },
  };
}

type Rig = Awaited<ReturnType<typeof opened>>;
type Step = readonly [name: string, run: (rig: Rig) => unknown];

/** What the functions do to an item: the first event makes it, each further one is news, and the marks fall. */
function fold({ items }: Shelf, id: string, change: Partial<Notification>): Notification {
  const before = items.get(id) ?? aNotification({ id, title: `Title of ${id}`, revision: 0, createdAt: Date.now() });
  const fallen = { seenAt: null, readAt: null, archivedAt: null, doneAction: null, retractedAt: null };
  return { ...before, ...fallen, ...change, revision: before.revision + 1, updatedAt: Date.now() };
}

const ids = fc.integer({ min: 0, max: 24 }).map(n => `n${n}`);
const places = fc.nat({ max: 30 });
const accept = { id: "accept", label: "Accept", url: "", style: "" } as const;
const ranks: Readonly<Record<Priority, number>> = { low: 0, medium: 1, high: 2, urgent: 3 };

const event: fc.Arbitrary<Step> = fc
  .record({
    id: ids,
    priority: fc.constantFrom<Priority>("low", "medium", "high", "urgent"),
    asks: fc.boolean(),
    expiresIn: fc.option(fc.constantFrom(3000, late), { nil: null, freq: 5 }),
  })
  .map(({ id, priority, asks, expiresIn }) => [
    `event ${id} ${priority}${asks ? " asks" : ""}${expiresIn ? ` for ${expiresIn}` : ""}`,
    ({ shelf }) =>
      shelf.put(
        fold(shelf, id, {
          priority,
          rank: ranks[priority],
          actions: asks ? [accept] : [],
          expireAt: expiresIn && Date.now() + expiresIn,
        }),
      ),
  ]);

/** The functions tell everybody, or it ends. Of the categories, `system` is switched off by this person. */
const announcement: fc.Arbitrary<Step> = fc
  .record({
    id: fc.integer({ min: 0, max: 5 }).map(n => `everybody${n}`),
    priority: fc.constantFrom<Priority>("low", "medium", "high", "urgent"),
    category: fc.constantFrom("social", "social", "system"),
    mutable: fc.boolean(),
    expiresIn: fc.constantFrom(3000, late, late),
    ends: fc.boolean(),
  })
  .map(({ id, priority, category, mutable, expiresIn, ends }) => [
    `${ends ? "no more" : "everybody:"} ${id} ${priority} ${category} ${mutable} for ${expiresIn}`,
    ({ shelf: { board } }) => {
      const [now, known] = [Date.now(), board.announcements.has(id)];
      if (known && ends) board.announcements.delete(id);
      if (known) return; // an announcement never changes
      const what = { id, title: `Title of ${id}`, priority, rank: ranks[priority], category };
      const times = { createdAt: now, updatedAt: now, expireAt: now + expiresIn };
      board.put(aNotification({ ...what, ...times }), { mutable });
    },
  ]);

/** The person on another device, or the functions. */
const elsewhere: fc.Arbitrary<Step> = fc
  .tuple(ids, fc.constantFrom("readAt", "archivedAt", "snoozedUntil", "retractedAt"), fc.constantFrom(0, soon, late))
  .map(([id, field, on]) => [
    `elsewhere ${id} ${field} ${on}`,
    ({ shelf }) => {
      const item = shelf.items.get(id);
      if (!item) return;
      const revision = item.revision + Number(field === "retractedAt");
      shelf.put({ ...item, revision, [field]: on ? Date.now() + (field === "snoozedUntil" ? on : 0) : null });
    },
  ]);

const elsewhereOnAnnouncements: fc.Arbitrary<Step> = fc
  .tuple(
    fc.integer({ min: 0, max: 5 }).map(n => `everybody${n}`),
    fc.constantFrom("readAt", "archivedAt"),
    fc.boolean(),
  )
  .map(([id, field, on]) => [
    `elsewhere ${id} ${field} ${on}`,
    ({ shelf: { board } }) => {
      if (!board.announcements.has(id)) return;
      const time = Date.now();
      board.marks.set(id, { ...board.marks.get(id), [field]: on ? { time, toMillis: () => time } : null });
    },
  ]);

const deeds = {
  read: ({ inbox }: Rig, id: string) => inbox.markRead(id),
  unread: ({ inbox }: Rig, id: string) => inbox.markUnread(id),
  archive: ({ inbox }: Rig, id: string) => inbox.archive(id),
  snooze: ({ inbox }: Rig, id: string) => inbox.snooze(id, Date.now() + soon),
  "snooze for long": ({ inbox }: Rig, id: string) => inbox.snooze(id, Date.now() + late),
  seen: ({ inbox }: Rig, id: string) => inbox.markSeen([id]),
  act: ({ inbox }: Rig, id: string) => inbox.act(id, "accept"),
};

const here: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])), places)
  .map(([deed, place]) => [
    `${deed} the row ${place}`,
    rig => {
      const rows = rig.listed();
      const row = rows[place % Math.max(1, rows.length)];
      if (row) void deeds[deed](rig, row.id);
    },
  ]);

const other: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  ["mark all read", ({ inbox }) => void inbox.markAllRead()],
  ["archive all", ({ inbox }) => void inbox.archiveAll()],
  ["undo", ({ inbox }) => inbox.undo()],
  ["scroll", ({ inbox }) => inbox.loadMore()],
  ["the network goes", rig => rig.setOnline(false)],
  ["the network comes", rig => rig.setOnline(true)],
  ["time passes", () => vi.advanceTimersByTimeAsync(5000)],
);

const flow: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  ["the server answers", ({ shelf }) => shelf.answer()],
  ["the server decides", ({ shelf }) => shelf.settle()],
  ["calm", ({ calm }) => calm()],
);

const histories = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: event },
    { weight: 3, arbitrary: announcement },
    { weight: 2, arbitrary: elsewhere },
    { weight: 1, arbitrary: elsewhereOnAnnouncements },
    { weight: 3, arbitrary: here },
    { weight: 1, arbitrary: other },
    { weight: 3, arbitrary: flow },
  ),
  { maxLength: 60 },
);

/** The same question, answered in the plainest way. */
function truth({ items, board }: Shelf) {
  const now = Date.now();
  const told = [...board.announcements].map(([id, { mutable, ...data }]): Notification => {
    const own = board.marks.get(id) ?? {};
    const time = (value: unknown) => (value as { time: number } | null | undefined)?.time ?? null;
    const isOff = data.category === "system" && mutable === true && !("archivedAt" in own);
    return {
      ...aNotification(),
      ...(data as unknown as Notification),
      id,
      updatedAt: time(data.updatedAt) ?? 0,
      expireAt: time(data.expireAt),
      readAt: time(own.readAt),
      archivedAt: isOff ? 1 : time(own.archivedAt),
      snoozedUntil: time(own.snoozedUntil),
    };
  });
  const alive = [...items.values(), ...told].filter(
    item =>
      item.retractedAt === null &&
      item.archivedAt === null &&
      (item.snoozedUntil ?? 0) <= now &&
      (item.expireAt ?? Number.POSITIVE_INFINITY) > now,
  );
  const waits = ({ readAt, priority, actions, doneAction }: Notification) =>
    readAt === null && (priority === "urgent" || (actions.length > 0 && doneAction === null));
  const newest = (a: Notification, b: Notification) => b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1);
  const order = [...alive.filter(waits).sort(newest), ...alive.filter(item => !waits(item)).sort(newest)];
  return {
    order: order.map(({ id }) => id),
    unread: order.filter(item => item.readAt === null),
    counted: alive.filter(item => item.readAt === null && item.priority !== "low").length,
    /** What the listener for unread items has to go through. */
    query: [...items.values()].filter(i => i.archivedAt === null && i.readAt === null && i.retractedAt === null).length,
  };
}

/** Scrolls until the view holds `wanted`, or there is no more. Returns how many pages that took. */
async function scroll({ inbox, listed, calm }: Rig, view: Partial<View>, wanted: number): Promise<number> {
  const found = () => choose(listed(), { ...wholeView, ...view }).length;
  let pages = 0;
  while (found() < wanted && inbox.getSnapshot().hasMore && pages < 200) {
    inbox.loadMore(view.tab === "unread" ? "unread" : "recent");
    await calm();
    pages++;
  }
  return pages;
}

const idsOf = (items: readonly Notification[]) => items.map(({ id }) => id);

describe("the feed, after any history of events and marks, with any page size", () => {
  it("counts what is unread, brings it by scrolling and by search, and is in order", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 7 }), async (steps, pageSize) => {
        const rig = await opened(pageSize);
        for (const [, run] of steps) await run(rig);
        rig.setOnline(true);
        await vi.advanceTimersByTimeAsync(soon); // what ends soon does not end while the feed is looked through
        await rig.calm();
        const { shelf, inbox, listed } = rig;
        const { order, unread, counted, query } = truth(shelf);

        // The badge, before anybody scrolls.
        const { unreadCount } = inbox.getSnapshot();
        if (query <= mostUnreadPages * pageSize) expect(unreadCount).toBe(counted);
        else expect(unreadCount).toBeGreaterThanOrEqual(Math.min(counted, pageSize));
        // What is there is in order, and no newer one is missing above an older one that was scrolled to.
        expect(idsOf(listed())).toEqual(order.filter(id => idsOf(listed()).includes(id)));

        const wanted = unread.at(-1);
        if (wanted) {
          const pages = await scroll(rig, { tab: "unread" }, unread.length);
          expect(idsOf(choose(listed(), { ...wholeView, tab: "unread" }))).toEqual(idsOf(unread));
          expect(pages).toBeLessThanOrEqual(Math.ceil(query / pageSize) + 1);
          await scroll(rig, { search: wanted.title }, 1);
          expect(idsOf(choose(listed(), { ...wholeView, search: wanted.title }))).toContain(wanted.id);
        }
        await scroll(rig, {}, Number.POSITIVE_INFINITY);
        expect(idsOf(listed())).toEqual(order);
        inbox.close();
      }),
      { numRuns: 100 },
    );
  });
});

describe("without a network", () => {
  it("“Mark all read” marks all 250 that the browser has, at once, and the server has them when the network is back", async () => {
    const before = await opened(100);
    const { shelf } = before;
    shelf.put(...Array.from({ length: 250 }, (_, n) => aNotification({ id: `n${n}`, updatedAt: start - n })));
    await before.calm();
    await scroll(before, {}, 250); // so all of them are in the browser's cache
    before.inbox.close();

    const rig = await opened(100, shelf);
    const { inbox, calm } = rig;
    await calm();
    expect(rig.listed()).toHaveLength(100);
    rig.setOnline(false);
    const done = inbox.markAllRead();
    await vi.advanceTimersByTimeAsync(10);
    expect(inbox.getSnapshot()).toMatchObject({ connectionStatus: "offline", unreadCount: 0 });
    expect(inbox.getSnapshot().notice).toMatchObject({ kind: "read", count: 250 });
    expect([...shelf.items.values()].filter(item => item.readAt !== null)).toEqual([]);

    rig.setOnline(true);
    await calm();
    expect(await done).toEqual(Array(250).fill("stored"));
    expect([...shelf.items.values()].filter(item => item.readAt === null)).toEqual([]);
    inbox.close();
  });

  it("what is refused when the network is back springs back, and says which and why", async () => {
    const rig = await opened(100);
    const { shelf, inbox, listed, calm } = rig;
    shelf.put(aNotification({ id: "one", title: "Carol wrote", updatedAt: start }));
    await calm();
    rig.setOnline(false);
    void inbox.markRead("one");
    await vi.advanceTimersByTimeAsync(10);
    expect(listed()[0]).toMatchObject({ pending: true, readAt: expect.any(Number) });
    shelf.put(fold(shelf, "one", { title: "Carol and Dave wrote" }));
    rig.setOnline(true);
    await calm();
    expect(listed()[0]).toMatchObject({ pending: false, readAt: null, title: "Carol and Dave wrote" });
    expect(inbox.getSnapshot().notice).toMatchObject({ kind: "moved-on", title: "Carol wrote" });
    inbox.close();
  });
});

describe("an announcement to everybody", () => {
  const usual = { title: "We move", priority: "high", expireAt: start + late, updatedAt: start } as const;
  const told = (given: Partial<Notification> = {}) => aNotification({ id: "all", ...usual, ...given });

  it("that was there before makes no toast; one that comes does, and is marked in the person's own space", async () => {
    const { shelf, inbox, listed, calm } = await opened(100);
    shelf.put(aNotification({ id: "one", updatedAt: start - 2000 }));
    shelf.board.put(told({ id: "before", updatedAt: start - 1000 }));
    await calm();
    expect(idsOf(listed())).toEqual(["before", "one"]);
    expect(inbox.getSnapshot()).toMatchObject({ unreadCount: 2, toastQueue: [] });

    shelf.board.put(told({ updatedAt: Date.now() }));
    await calm();
    expect(inbox.getSnapshot().unreadCount).toBe(3);
    expect(inbox.getSnapshot().toastQueue).toMatchObject([{ id: "all" }]);
    void inbox.markAllRead();
    await calm();
    expect(inbox.getSnapshot()).toMatchObject({ unreadCount: 0, toastQueue: [] });
    expect([...shelf.board.marks.keys()].sort()).toEqual(["all", "before"]);
    expect([...shelf.items.keys()]).toEqual(["one"]);
    inbox.undo();
    await calm();
    expect(inbox.getSnapshot().unreadCount).toBe(3);
    inbox.close();
  });

  it("is found in the archive and among what is snoozed, and back from there", async () => {
    const { shelf, inbox, listed, calm } = await opened(100);
    shelf.board.put(told());
    await calm();
    const lists = { archived: [] as readonly string[], snoozed: [] as readonly string[] };
    inbox.archived.subscribe(({ notifications }) => (lists.archived = idsOf(notifications)));
    inbox.snoozed.subscribe(({ notifications }) => (lists.snoozed = idsOf(notifications)));
    await calm();
    void inbox.archive("all");
    await calm();
    expect([idsOf(listed()), lists]).toEqual([[], { archived: ["all"], snoozed: [] }]);
    void inbox.unarchive("all");
    void inbox.snooze("all", Date.now() + soon);
    await calm();
    expect([idsOf(listed()), lists]).toEqual([[], { archived: [], snoozed: ["all"] }]);
    await vi.advanceTimersByTimeAsync(soon);
    expect(idsOf(listed())).toEqual(["all"]);
    inbox.close();
  });

  it("waits until it is known whether the person wants it, but not where nobody can tell", async () => {
    const { shelf, inbox, listed, calm } = await opened(100);
    shelf.board.put(told({ id: "off", category: "system" }), { mutable: true });
    await calm();
    expect(listed()).toEqual([]);
    inbox.close();

    const rig = await opened(100);
    rig.shelf.board.profile = null; // the server does not say
    rig.shelf.board.put(told({ category: "system" }), { mutable: true });
    await rig.calm();
    expect(idsOf(rig.listed())).toEqual(["all"]);
    rig.inbox.close();
  });
});
