/**
 * axe finds nothing in any state: light, dark and in forced colours, in either language and direction, at 400 %. The contrast
 * that it cannot tell is computed from the pixels.
 */
import { clean } from "./clean.mjs";
import { badge, connected, cutOff, openCenter, openFilters, row, run, until } from "./kit.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

run(async ({ stack, open, desk }) => {
  const lost = await open(await stack.person("Gone"), {
    context: { reducedMotion: "reduce" },
    query: "&lang=de&dir=rtl",
    ...cutOff,
  });
  await openCenter(lost);
  await lost.getByTestId("inbox-loading").waitFor();
  await clean(lost, "loading, in German, from right to left");

  const bob = await stack.person("Bob");
  const now = await stack.now();
  await stack.seed(bob, scene(now));
  const page = await open(bob, { context: { reducedMotion: "reduce" } });
  await until("the badge", async () => (await badge(page)) !== "");
  await clean(page, "the page with the bell");
  await openCenter(page);
  await row(page, "Incident").waitFor();
  // On a busy machine a row says for a moment that it is saved, and what is measured has gone.
  await until("what is on screen is seen", async () => (await stack.stored(bob, "incident")).seenAt !== null);
  await page.locator(".td-pending").first().waitFor({ state: "detached" });
  await clean(page, "the centre");
  await row(page, "Alice Moreau").hover();
  await clean(page, "a row under the pointer");
  await row(page, "Alice Moreau").focus();
  await page.keyboard.press("?");
  await page.getByTestId("keys-help").waitFor();
  await clean(page, "the keys");
  await page.keyboard.press("Escape");
  await page.emulateMedia({ forcedColors: "active" });
  await clean(page, "the centre in forced colours");
  await page.emulateMedia({ forcedColors: "none" });
  await row(page, "Alice Moreau").getByTestId("item-menu").click();
  await clean(page, "a row's menu");
  await page.keyboard.press("Escape");
  await page.getByTestId("panel-menu").click();
  await clean(page, "the centre's menu");
  await page.keyboard.press("Escape");
  for (const tab of ["unread", "mentions", "snoozed", "archived"]) {
    await page.getByTestId(`tab-${tab}`).click();
    await clean(page, `the tab ${tab}`);
  }
  await page.getByTestId("tab-all").click();
  await row(page, "Alice Moreau").focus();
  await page.keyboard.press("e");
  await page.getByTestId("undo").hover(); // its time stops
  await clean(page, "a notice with its undo");
  await page.getByTestId("undo").click();
  await openFilters(page);
  await page.getByTestId("search").fill("nothing of the kind");
  await page.getByTestId("inbox-no-match").waitFor();
  await clean(page, "a search without a match");
  await page.getByTestId("search").fill("");
  await page.context().setOffline(true);
  await page.locator('.td-strip[data-status="offline"]').waitFor();
  await clean(page, "offline");
  await page.context().setOffline(false);
  await page.setViewportSize({ width: 320, height: 568 });
  await clean(page, "the sheet, 320 px wide");
  await page.setViewportSize({ width: 320, height: 256 });
  await clean(page, "the sheet at 400 %");
  await page.emulateMedia({ forcedColors: "active" });
  await clean(page, "the sheet at 400 % in forced colours");
  await page.emulateMedia({ forcedColors: "none" });
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 1280, height: 860 });

  await connected(page);
  const alarm = { priority: "urgent", actions: [], seenAt: null, readAt: null, doneAction: null };
  const loud = scene(now).filter(({ priority }) => priority === "urgent" || priority === "high");
  const alarms = loud
    .concat(loud)
    .map((item, n) => ({ ...item, ...alarm, id: `t${n}`, updatedAt: new Date(now + 1000) }));
  await stack.seed(bob, alarms);
  await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
  await clean(page, "toasts, and some that wait");
  await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
  await page.getByTestId("urgent-dialog").waitFor();
  await clean(page, "the urgent dialog");

  for (const [part, state] of Object.entries({ panel: "panel-failed", late: "inbox-not-loaded" })) {
    const without = one => one.route(`**/assets/${part}-*.js`, route => route.abort());
    const missing = await open(bob, { context: { reducedMotion: "reduce" }, live: false, before: without });
    await missing.getByTestId("bell").click();
    await missing.getByTestId(state).waitFor();
    await clean(missing, `a part that is missing: ${part}`);
    await missing.context().close();
  }

  await lost.getByTestId("inbox-error").waitFor();
  await clean(lost, "unreachable");
  await clean(await desk({ context: { reducedMotion: "reduce" } }), "the demo");
});
