/** Keys and buttons that are pressed faster than the page draws and the database answers: each counts, for what the one before has left. */
import { badge, becomes, check, focused, openCenter, recordStates, row, run, titles, until } from "./kit.mjs";

const slowness = 6; // a phone beside this machine

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const now = await stack.now();
  await stack.seed(
    ada,
    Array.from({ length: 12 }, (_, n) => ({ id: `n${n}`, title: `Item ${n}.`, updatedAt: new Date(now - n * 1000) })),
  );
  const page = await open(ada);
  await until("the badge", async () => (await badge(page)) === "12");
  await openCenter(page);
  await until("the first row", async () => (await focused(page)) === "notification n0");
  const protocol = await page.context().newCDPSession(page);
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: slowness });

  const at = (...keys) => Promise.all(keys.map(key => page.keyboard.press(key)));
  await recordStates(page, ["badge", "notification-title"]);
  const forget = () => page.evaluate(() => void window.states.splice(0, window.states.length - 1));
  /** What the badge has said since `forget`. */
  const said = () =>
    page.evaluate(() => {
      const badges = window.states.map(({ state }) => JSON.parse(state)[0][0] ?? "");
      return badges.filter((text, index) => text !== badges[index - 1]).join();
    });
  const says = (sentence, claim) => becomes(async () => (await said()) === sentence, claim);
  /** Until the server has all marks. */
  const arrived = () => until("all marks arrive", async () => (await page.locator(".td-pending").count()) === 0);
  const item = id => stack.stored(ada, id);

  await forget();
  await at("u", "u");
  await says("12,11,12", "u and u at once: read, and taken back");
  await arrived();
  check((await item("n0")).readAt === null && (await badge(page)) === "12", "so it is stored, and stays");

  await forget();
  await at("u", "u", "u");
  await says("12,11,12,11", "three times: read");
  await arrived();
  check((await item("n0")).readAt !== null, "so it is stored");

  await at("e", "e");
  await becomes(async () => (await titles(page)).length === 10, "e and e at once archive a row, and the next one");
  await becomes(async () => (await focused(page)) === "notification n2", "the focus is on the one behind them");
  await until("both are stored", async () => (await item("n0")).archivedAt && (await item("n1")).archivedAt);

  await forget();
  await at("e", "z");
  const both = () => page.evaluate(() => window.states.some(({ state }) => !state.includes("Item 2.")));
  await becomes(async () => (await both()) && (await titles(page)).includes("Item 2."), "e and z at once: it is back");
  await arrived();
  check((await item("n2")).archivedAt === null, "so it is stored");

  await forget();
  await row(page, "Item 3.").hover();
  await row(page, "Item 3.").getByTestId("mark-read").dblclick();
  await says("10,9,10", "a button that is pressed twice reads, and takes it back");
  await arrived();
  check((await item("n3")).readAt === null, "so it is stored");

  const after = row(page, "Item 4.");
  await after.focus();
  await page.evaluate(() => document.querySelector('[data-testid="mark-all-read"]').click()); // keeps the focus where it is
  await at("u");
  await becomes(async () => (await badge(page)) === "1", "u, right after “Mark all read”, leaves that one unread");
  await arrived();
  check((await item("n4")).readAt === null && (await item("n5")).readAt !== null, "so it is stored");
});
