import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Drawer } from "../../testing/drawer";
import { categories } from "../categories";
import { noLists } from "../lists";
import { createNotices } from "../notice";
import { choicesOf } from "./choices";
import type { OwnedPreferences } from "./preferences";
import { createPreferences } from "./preferences";

const now = Date.UTC(2026, 10, 26, 12);
const social = categories.find(({ category }) => category === "social");
if (!social) throw new Error("the catalogue has no social");
const walk = { type: "post", id: "4/2", source: "", title: "A walk", url: "" };
const timestamp = (millis: number) => ({ toMillis: () => millis });

/** A tab of the person, which shows the preferences. */
function tab(drawer: Drawer) {
  const notices = createNotices(() => {});
  let setOnline = (_online: boolean) => {};
  const preferences = createPreferences({
    user: { uid: "bob", getIdToken: async () => "token" },
    database: { profile: drawer.source, readPage: async () => ({ items: [], fromCache: false, next: null }) },
    inbox: () => noLists,
    notices,
    clock: { now: () => now, onJump: () => () => {} },
    watchOnline(listener) {
      setOnline = listener;
      listener(true);
      return () => {};
    },
  });
  const stop = preferences.subscribe(() => {});
  return { preferences, notices, stop, setOnline: (online: boolean) => setOnline(online) };
}

const opened = (preferences: OwnedPreferences) =>
  vi.waitFor(() => expect(preferences.getSnapshot().loaded).toBe(true), { interval: 1 });
const settings = ({ preferences }: { preferences: OwnedPreferences }) => preferences.getSnapshot().settings;
const isOn = (one: { preferences: OwnedPreferences }, channel: "in_app" | "push" | "email") =>
  choicesOf(settings(one), [social], [channel])[0]?.choices[0];

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

describe("a choice", () => {
  it("shows at once, in all tabs, says how it is saved, and writes its own path only", async () => {
    const drawer = new Drawer();
    const [one, two] = [tab(drawer), tab(drawer)];
    await opened(one.preferences);
    await opened(two.preferences);
    expect(isOn(one, "push")).toMatchObject({ on: true, chosen: false, fixed: null });
    const done = one.preferences.choose(social, "push", false);
    expect(isOn(one, "push")).toMatchObject({ on: false, chosen: true });
    expect(isOn(two, "push")).toMatchObject({ on: false, chosen: true });
    expect(one.preferences.getSnapshot().saving).toBe("saving");
    drawer.settle();
    expect(await done).toBe("stored");
    expect(one.preferences.getSnapshot().saving).toBe("saved");
    expect(drawer.written).toEqual([{ set: [{ path: ["preferences", "push", "social"], value: false }], due: false }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(one.preferences.getSnapshot().saving).toBe("idle");
  });

  it("that is the catalogue's is taken back, so that it follows the catalogue", async () => {
    const drawer = new Drawer();
    drawer.put({ preferences: { push: { social: false } } });
    const one = tab(drawer);
    await opened(one.preferences);
    void one.preferences.choose(social, "push", true);
    drawer.settle();
    expect(drawer.stored).toEqual({ preferences: { push: {} } });
  });

  it("that is refused springs back and says so; so does one that fails", async () => {
    const drawer = new Drawer();
    const one = tab(drawer);
    await opened(one.preferences);
    for (const verdict of ["refused", "failed"] as const) {
      const done = one.preferences.choose(social, "in_app", false);
      expect(isOn(one, "in_app")?.on).toBe(false);
      drawer.settle(verdict);
      expect(await done).toBe(verdict);
      expect(isOn(one, "in_app")?.on).toBe(true);
      expect(one.preferences.getSnapshot().saving).toBe(verdict);
    }
  });

  it("shows before Firestore has said so, and springs back if it never reaches it", async () => {
    const drawer = new Drawer();
    const one = tab(drawer);
    await opened(one.preferences);
    drawer.source.write = () => new Promise((_, failed) => setTimeout(failed, 100));
    const done = one.preferences.choose(social, "push", false);
    expect(isOn(one, "push")?.on).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(await done).toBe("failed");
    expect(isOn(one, "push")?.on).toBe(true);
  });

  it("stays shown until Firestore has said so, whatever else is changed or told meanwhile", async () => {
    const drawer = new Drawer();
    const one = tab(drawer);
    await opened(one.preferences);
    const write = drawer.source.write;
    let begin = () => {};
    const begun = new Promise<void>(resolve => {
      begin = resolve;
    });
    drawer.source.write = async change => {
      await begun; // its code is being loaded
      return write(change);
    };
    const first = one.preferences.choose(social, "push", false);
    void one.preferences.choose(social, "email", true);
    drawer.put({ locale: "de" });
    expect([isOn(one, "push")?.on, isOn(one, "email")?.on, settings(one).locale]).toEqual([false, true, "de"]);
    begin();
    await vi.advanceTimersByTimeAsync(1);
    drawer.settle();
    expect(await first).toBe("stored");
    expect([isOn(one, "push")?.on, isOn(one, "email")?.on, settings(one).locale]).toEqual([false, true, "de"]);
  });

  it("waits without a network, also for who has said nothing yet, and says so", async () => {
    const drawer = new Drawer();
    drawer.setOnline(false);
    const one = tab(drawer);
    one.setOnline(false);
    await opened(one.preferences);
    const done = one.preferences.choose(social, "push", false);
    expect(one.preferences.getSnapshot().saving).toBe("waiting");
    drawer.setOnline(true);
    one.setOnline(true);
    drawer.settle();
    expect(await done).toBe("stored");
  });

  it("waits, too, where the browser believes in a network that does not answer", async () => {
    const drawer = new Drawer();
    const one = tab(drawer);
    await opened(one.preferences);
    void one.preferences.choose(social, "push", false);
    await vi.advanceTimersByTimeAsync(5001);
    expect(one.preferences.getSnapshot().saving).toBe("waiting");
  });

  it("about what is off in the app is none about pushes", async () => {
    const drawer = new Drawer();
    drawer.put({ preferences: { in_app: { social: false }, push: { social: true } } });
    const one = tab(drawer);
    await opened(one.preferences);
    expect(isOn(one, "push")).toEqual({ channel: "push", on: false, chosen: true, fixed: "archived" });
  });
});

describe("a mute", () => {
  it("removes what is over, can be undone, and undone it is as it was before", async () => {
    const drawer = new Drawer();
    drawer.put({
      mutes: { "post/over": { until: timestamp(now) }, "post/4%2F2": { title: "A walk", until: timestamp(now + 5) } },
    });
    const one = tab(drawer);
    await opened(one.preferences);
    void one.preferences.mute(walk, null);
    drawer.settle();
    expect(settings(one).mutes).toEqual([{ key: "post/4%2F2", title: "A walk", until: null }]);
    expect(one.notices.current).toMatchObject({ kind: "muted", title: "A walk", undoable: true });
    one.notices.undo();
    drawer.settle();
    expect(settings(one).mutes).toEqual([{ key: "post/4%2F2", title: "A walk", until: now + 5 }]);
    expect(one.notices.current?.kind).toBe("undone");
    one.notices.close();
  });

  it("beyond the 200th says that there is no room, and writes nothing", async () => {
    const drawer = new Drawer();
    drawer.put({ mutes: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`post/${n}`, {}])) });
    const one = tab(drawer);
    await opened(one.preferences);
    expect(await one.preferences.mute(walk, null)).toBe("full");
    expect(one.notices.current).toMatchObject({ kind: "full", undoable: false });
    expect(drawer.written).toEqual([]);
    one.notices.close();
  });

  it("can be taken back, and that undone", async () => {
    const drawer = new Drawer();
    drawer.put({ mutes: { "post/1": { title: "One" } } });
    const one = tab(drawer);
    await opened(one.preferences);
    const [mute] = settings(one).mutes;
    if (mute) void one.preferences.unmute(mute);
    expect(settings(one).mutes).toEqual([]);
    one.notices.undo();
    expect(settings(one).mutes).toEqual([mute]);
    one.notices.close();
  });
});

describe("times", () => {
  it("say that they have changed; the first schedule is every night, by this device's clock", async () => {
    const drawer = new Drawer();
    const one = tab(drawer);
    await opened(one.preferences);
    void one.preferences.setQuietHours(true);
    drawer.settle();
    expect(drawer.written.at(-1)?.due).toBe(true);
    expect(settings(one)).toMatchObject({ timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone });
    expect(settings(one).quietHours).toMatchObject({ enabled: true, week: { sun: [{ from: "22:00", to: "07:00" }] } });
    void one.preferences.setRanges("mon", [{ from: "00:00", to: "00:00" }]);
    expect(settings(one).quietHours.week.mon).toEqual([{ from: "00:00", to: "24:00" }]);
    void one.preferences.setQuietHours(false);
    expect(settings(one).quietHours.week.mon).toEqual([{ from: "00:00", to: "24:00" }]);
    void one.preferences.setDoNotDisturb(true, now + 7_200_000);
    expect(settings(one).doNotDisturb).toEqual({ enabled: true, until: now + 7_200_000 });
    void one.preferences.setDoNotDisturb(false);
    expect(settings(one).doNotDisturb).toEqual({ enabled: false, until: null });
    expect(drawer.written.every(({ due }) => due)).toBe(true);
  });
});

describe("the digest", () => {
  it("begins by this device's clock, changes only what is named, and ends", async () => {
    const drawer = new Drawer();
    const [one, two] = [tab(drawer), tab(drawer)];
    await opened(one.preferences);
    await opened(two.preferences);
    void one.preferences.setDigest({ every: "day" });
    expect(settings(two).digest).toEqual({ every: "day", at: "07:00", on: "mon" });
    drawer.settle();
    const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(drawer.stored).toEqual({ digest: { every: "day" }, timeZone });
    void one.preferences.setDigest({ at: "18:00" });
    void two.preferences.setDigest({ every: "week", on: "fri" });
    drawer.settle();
    expect(drawer.stored).toEqual({ digest: { every: "week", at: "18:00", on: "fri" }, timeZone });
    expect(drawer.written[1]?.set).toEqual([{ path: ["digest", "at"], value: "18:00" }]);
    void one.preferences.setDigest(null);
    drawer.settle();
    expect(drawer.stored).toEqual({ timeZone });
    expect(drawer.written.every(({ due }) => due)).toBe(true);
  });

  it("waits without a network; refused, it is as before and says so", async () => {
    const drawer = new Drawer();
    drawer.put({ digest: { every: "week" }, timeZone: "Asia/Kolkata" });
    const one = tab(drawer);
    await opened(one.preferences);
    drawer.setOnline(false);
    one.setOnline(false);
    const done = one.preferences.setDigest({ at: "09:00" });
    expect(one.preferences.getSnapshot().saving).toBe("waiting");
    expect(settings(one).digest?.at).toBe("09:00");
    drawer.setOnline(true);
    one.setOnline(true);
    drawer.settle("refused");
    expect(await done).toBe("refused");
    expect(settings(one)).toMatchObject({ digest: { every: "week", at: "07:00" }, timeZone: "Asia/Kolkata" });
    expect(one.preferences.getSnapshot().saving).toBe("refused");
  });
});

it("a limit of pushes is a number of its own, and is taken back", async () => {
  const drawer = new Drawer();
  const one = tab(drawer);
  await opened(one.preferences);
  void one.preferences.setPushesPerHour(5);
  expect(settings(one).pushesPerHour).toBe(5);
  drawer.settle();
  expect(drawer.stored).toEqual({ pushesPerHour: 5 });
  void one.preferences.setPushesPerHour(null);
  drawer.settle();
  expect(drawer.stored).toEqual({});
  expect(drawer.written.every(({ due }) => due)).toBe(true);
});

it("is listened to only while somebody looks", async () => {
  const drawer = new Drawer();
  const one = tab(drawer);
  await opened(one.preferences);
  const stop = one.preferences.subscribe(() => {});
  expect(drawer.listeners).toBe(1);
  one.stop();
  one.stop();
  expect(drawer.listeners).toBe(1);
  stop();
  expect(drawer.listeners).toBe(0);
  one.preferences.close();
});

it("is not known while nobody looks: who looks again is shown nothing old", async () => {
  const drawer = new Drawer();
  const one = tab(drawer);
  await opened(one.preferences);
  one.stop();
  void one.preferences.mute(walk, null);
  drawer.settle();
  expect(one.preferences.getSnapshot().loaded).toBe(false);
  one.preferences.subscribe(() => {});
  await opened(one.preferences);
  expect(settings(one).mutes).toHaveLength(1);
});
