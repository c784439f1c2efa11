/**
 * Pictures of what people look at: every state of bell, centre, rows, menus, toasts and dialog in every look: wide and narrow,
 * light and dark, German from right to left, at 200 % and 400 %, in forced colours. And the demo, with its page of plots.
 *
 *   ADDRESSES=file npm run screenshots      into SCREENSHOTS=dir, web/.screenshots unless given
 *   LOOKS="wide-light zoom-400 insight"     only these; "demo" and "insight" are pages of the demo
 *   AGAINST=dir                             the same command's pictures of another commit, made in a worktree of it
 *
 * A sheet of each look, `sheet-….png`, has its pictures side by side; with AGAINST each picture is beside the other commit's,
 * in `pair-….png`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { answerWith, someFigures } from "./figures.mjs";
import { badge, connected, openCenter, openFilters, pause, row, run, until } from "./kit.mjs";
import { pair, sheet } from "./pictures.mjs";
import { preferenceStates } from "./preference-states.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

const folder = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../.screenshots", import.meta.url));
const sizes = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };
const finger = { hasTouch: true, isMobile: true };
const rightToLeft = "&lang=de&dir=rtl";

/** A browser's zoom is a smaller window with more pixels for each of ours. */
const zoomed = percent => ({
  viewport: { width: Math.round(128_000 / percent), height: Math.round(102_400 / percent) },
  deviceScaleFactor: percent / 100,
});

const looks = {
  "wide-light": { viewport: sizes.wide, colorScheme: "light" },
  "wide-dark": { viewport: sizes.wide, colorScheme: "dark" },
  "wide-rtl": { viewport: sizes.wide, colorScheme: "light", query: rightToLeft },
  "narrow-light": { viewport: sizes.narrow, colorScheme: "light", ...finger },
  "narrow-dark": { viewport: sizes.narrow, colorScheme: "dark", ...finger },
  "narrow-rtl": { viewport: { width: 320, height: 568 }, colorScheme: "dark", query: rightToLeft, ...finger },
  "zoom-200": { ...zoomed(200), colorScheme: "light" },
  "zoom-400": { ...zoomed(400), colorScheme: "light" },
  "forced-colours": { viewport: sizes.wide, forcedColors: "active" },
};

run(async ({ stack, browser, open, page, desk }) => {
  mkdirSync(folder, { recursive: true });
  const asked = process.env.LOOKS?.split(" ");
  const shot = async (page, name, options) => {
    await page.screenshot({ path: join(folder, `${name}.png`), ...options });
    console.log(`shot ${join(folder, name)}.png`);
    if (process.env.AGAINST) await pair(browser, process.env.AGAINST, folder, name);
  };
  for (const [look, { query, ...context }] of Object.entries(looks)) {
    if (asked && !asked.includes(look)) continue;
    const bob = await stack.person("Bob");
    await stack.seed(bob, scene(await stack.now()));
    const page = await open(bob, { context: { ...context, reducedMotion: "reduce" }, query });
    const names = [];
    const take = async state => {
      names.push(state);
      await shot(page, `${state}-${look}`);
    };
    await inTheCenter(page, take);
    await byThemselves(page, stack, bob, take);
    await page.context().close();
    await sheet(browser, folder, look, names);
  }
  if (!asked || asked.includes("demo")) await busyDesk(stack, desk, shot);
  if (!asked || asked.includes("insight")) await insight(stack, page, shot);
});

/** What became of it, after a believable week. */
async function insight(stack, open, shot) {
  for (const [look, { query, ...context }] of Object.entries(looks)) {
    const page = await open({ context, before: page => answerWith(page, someFigures()) });
    for (const lang of ["", "&lang=de"]) {
      await page.goto(`${stack.addresses.web}/?insight${lang}`);
      await page.getByTestId("plot-times").waitFor();
      await shot(page, `insight-${look}${lang && "-de"}`, { fullPage: true });
    }
    await page.context().close();
  }
}

/** What the person opens. */
async function inTheCenter(page, take) {
  await until("the badge", async () => (await badge(page)) !== "");
  await take("bell");
  await openCenter(page);
  await row(page, "Incident").waitFor();
  await take("center");
  const alice = row(page, "Alice Moreau");
  await alice.hover();
  await take("pointer");
  await alice.focus();
  await page.keyboard.press("h");
  await page.getByTestId("menu").waitFor();
  await take("menu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByTestId("keys-help").waitFor();
  await take("keys");
  await page.keyboard.press("Escape");
  await page.getByTestId("keys-help").waitFor({ state: "detached" });
  await page.getByTestId("panel-menu").click();
  await take("panel-menu");
  await page.keyboard.press("Escape");
  await preferenceStates(page, "Alice Moreau", take);
  await openFilters(page);
  await take("filters");
  await page.getByTestId("search").fill("nothing of the kind");
  await page.getByTestId("inbox-no-match").waitFor();
  await take("no-match");
  await page.getByTestId("search-toggle").click();
  await alice.focus();
  await page.keyboard.press("e");
  await page.getByTestId("notice").waitFor();
  await take("notice");
  await page.getByTestId("tab-snoozed").click();
  await page.getByTestId("inbox-empty").waitFor();
  await take("empty");
  await page.getByTestId("tab-all").click();
  await page.context().setOffline(true);
  await page.locator('.td-strip[data-status="offline"]').waitFor();
  await pause(1200); // the strip waits a second
  await take("offline");
  await page.context().setOffline(false);
  await page.keyboard.press("Escape");
  await connected(page);
}

/** What appears by itself. */
async function byThemselves(page, stack, bob, take) {
  const now = await stack.now();
  const loud = scene(now).filter(({ priority, readAt }) => !readAt && /urgent|high/.test(priority));
  await stack.seed(
    bob,
    [...loud, ...loud.slice(1)].map((item, index) => ({
      ...item,
      id: `new-${index}`,
      updatedAt: new Date(now + 1000),
    })),
  );
  await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
  await take("toasts");
  await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
  await page.getByTestId("urgent-dialog").waitFor();
  await take("urgent");
}

/** The demo with something going on, by its own buttons. */
async function busyDesk(stack, desk, shot) {
  await stack.advance("61m"); // an earlier run has taken its pushes of the hour
  const page = await desk({ context: { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" } });
  const press = async (to, actor, button) => {
    await page.getByTestId(`to-${to}`).click();
    await page.getByTestId(`actor-${actor}`).click();
    await page.getByTestId(`do-${button}`).click();
    await until("an answer", async () => (await page.getByTestId("last-status").textContent())?.startsWith("202"));
    await pause(150);
  };
  await press("alice", "carol", "comment");
  await press("alice", "dave", "like");
  await press("alice", "bob", "mention");
  for (const actor of ["alice", "dave", "carol"]) await press("bob", actor, "like");
  await press("bob", "erin", "friend");
  await press("bob", "dave", "comment");
  await press("bob", "carol", "order");
  await pause(6500); // the toasts leave, and what is on screen is seen
  await press("bob", "alice", "message");
  await until("the push", async () => /ms/.test((await page.getByTestId("stage-pushed").textContent()) ?? ""));
  for (const [size, viewport] of Object.entries({ wide: { width: 1440, height: 900 }, narrow: sizes.narrow })) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.evaluate(() => scrollTo(0, 0)); // the spans have scrolled to their button
      await shot(page, `demo-${size}-${colorScheme}`);
      await page.getByTestId("open-spans").click();
      await page.getByTestId("span").first().locator("summary").click();
      await shot(page, `spans-${size}-${colorScheme}`);
      await page.keyboard.press("Escape");
    }
  }
}
