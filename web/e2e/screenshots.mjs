/**
 * Pictures of what people look at: every state of bell, centre, rows, menus, preferences, toasts and dialogs in every look: wide and
 * narrow, light and dark, German from right to left, at 200 % and 400 %, in forced colours. And the demo, with its page of plots.
 *
 *   ADDRESSES=file npm run screenshots      into SCREENSHOTS=dir, web/.screenshots unless given
 *   LOOKS="wide-light zoom-400 insight"     only these; "demo" and "insight" are pages of the demo
 *   AGAINST=dir                             the same command's pictures of another commit
 *   OLDER=1                                 the stack is an older commit's, whose client may lack a state: that is told, and no error
 *
 * The pictures of each look are side by side on sheets, `sheet-LOOK-1.png` and so on; with AGAINST each one beside the other commit's.
 * For those, start the stack in a worktree of that commit, and let this script look at it: ADDRESSES=its-file OLDER=1 PATIENCE_MS=8000.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { byThemselves, inTheCenter, missingParts, unreachable } from "./center-states.mjs";
import { answerWith, someFigures } from "./figures.mjs";
import { badge, check, openCenter, pause, run, until } from "./kit.mjs";
import { sheets } from "./pictures.mjs";
import { scene } from "./scene.mjs";

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
  "zoom-400-rtl": { ...zoomed(400), colorScheme: "dark", query: rightToLeft },
  "zoom-400-forced": { ...zoomed(400), forcedColors: "active" },
  "forced-colours": { viewport: sizes.wide, forcedColors: "active" },
};

const limit = 60 * 60_000; // ms; a look takes one or two minutes

run(async ({ stack, browser, open, page, desk }) => {
  mkdirSync(folder, { recursive: true });
  const asked = process.env.LOOKS?.split(" ");
  const lacking = [];
  /** Takes the pictures of a look, and puts them on sheets. */
  const inLook = async (look, body) => {
    if (asked && !asked.includes(look)) return;
    const names = [];
    await body(async (page, name, options) => {
      names.push(name);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), ...options });
    });
    await sheets(browser, { folder, old: process.env.AGAINST, look, names });
  };
  for (const [look, { query, ...context }] of Object.entries(looks)) {
    const openOne = (person, options) =>
      open(person, { ...options, context: { ...context, reducedMotion: "reduce" }, query });
    await inLook(look, shot =>
      everyState({ stack, open: openOne, shot, lacks: what => lacking.push(`${look}: ${what}`) }),
    );
  }
  await inLook("demo", shot => busyDesk(stack, desk, shot));
  await inLook("insight", shot => insight(stack, page, shot));
  check(process.env.OLDER || lacking.length === 0, "every state can be reached", lacking);
  if (lacking.length > 0) console.log(`not reached:\n${lacking.join("\n")}`);
}, limit);

/** The states in one look; one that cannot be reached takes none of the others with it. */
async function everyState({ stack, open, shot, lacks }) {
  const attempt = async (what, reach) => {
    try {
      return await reach();
    } catch (error) {
      lacks(`${what}: ${error.message.split("\n")[0]}`);
    }
  };
  const bob = await stack.person("Bob");
  await stack.seed(bob, scene(await stack.now()));
  const openHis = options => open(bob, options);
  const later = await attempt("loading", () => unreachable(openHis, shot));
  const state = { stack, bob, take: name => shot(state.page, name) };
  const begin = async () => {
    state.page = await openHis();
    await until("the badge", async () => (await badge(state.page)) !== "");
  };
  const toTheList = async () => {
    await openCenter(state.page);
    await state.page.getByTestId("notification").first().waitFor();
  };
  await begin();
  await state.take("bell");
  await toTheList();
  for (const [what, reach] of Object.entries(inTheCenter)) {
    if (await attempt(what, () => reach(state).then(() => true))) continue;
    await state.page.context().close();
    await begin();
    await toTheList();
  }
  await state.page.keyboard.press("Escape");
  await attempt("toasts", () => byThemselves(state));
  await state.page.context().close();
  await attempt("a missing part", () => missingParts(openHis, shot));
  await attempt("unreachable", () => later?.());
}

/** What became of it, after a believable week. */
async function insight(stack, open, shot) {
  for (const [look, { query, ...context }] of Object.entries(looks)) {
    const page = await open({ context, before: page => answerWith(page, someFigures()) });
    for (const lang of ["", "&lang=de"]) {
      await page.goto(`${stack.addresses.web}/?insight${lang}`);
      await page.getByTestId("plot-times").waitFor();
      await shot(page, `${look}${lang && "-de"}`, { fullPage: true });
    }
    await page.context().close();
  }
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
      await shot(page, `page-${size}-${colorScheme}`);
      await page.getByTestId("open-spans").click();
      await page.getByTestId("span").first().locator("summary").click();
      await shot(page, `spans-${size}-${colorScheme}`);
      await page.keyboard.press("Escape");
    }
  }
}
