/**
 * Pictures of what people look at: bell, centre, menu, toasts, urgent dialog and demo, wide and narrow, light and dark,
 * and once in German and from right to left.
 *
 *   ADDRESSES=file npm run screenshots      into SCREENSHOTS=dir, web/.screenshots unless given
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { badge, openCenter, pause, row, run, until } from "./kit.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

const folder = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../.screenshots", import.meta.url));
const sizes = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } };

run(async ({ stack, open, desk }) => {
  mkdirSync(folder, { recursive: true });
  const shot = async (page, name) => {
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(`shot ${join(folder, name)}.png`);
  };
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ["light", "dark"]) {
      const look = `${size}-${colorScheme}`;
      const context = { viewport, colorScheme, reducedMotion: "reduce" };
      const bob = await stack.person("Bob");
      const now = await stack.now();
      await stack.seed(bob, scene(now));
      const page = await open(bob, { context });
      await until("the badge", async () => (await badge(page)) !== "");
      await shot(page, `bell-${look}`);
      await openCenter(page);
      await row(page, "Incident").waitFor();
      await shot(page, `center-${look}`);
      await row(page, "Alice Moreau").getByTestId("item-menu").click();
      await shot(page, `menu-${look}`);
      await page.keyboard.press("Escape");
      await page.getByTestId("tab-archived").click();
      await page.getByTestId("inbox-empty").waitFor();
      await shot(page, `empty-${look}`);
      await page.keyboard.press("Escape");
      const fresh = new Date(now + 1000);
      const loud = scene(now).filter(
        ({ priority, readAt }) => !readAt && (priority === "urgent" || priority === "high"),
      );
      await stack.seed(
        bob,
        [...loud, ...loud.slice(1)].map((item, index) => ({ ...item, id: `new-${index}`, updatedAt: fresh })),
      );
      await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
      await shot(page, `toasts-${look}`);
      await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
      await page.getByTestId("urgent-dialog").waitFor();
      await shot(page, `urgent-${look}`);
      await page.context().close();
    }
  }

  const bob = await stack.person("Bob");
  await stack.seed(bob, scene(await stack.now()));
  const rtl = await open(bob, { context: { viewport: sizes.wide }, query: "&lang=de&dir=rtl" });
  await openCenter(rtl);
  await row(rtl, "Incident").waitFor();
  await shot(rtl, "center-rtl-german");
  await rtl.setViewportSize({ width: 320, height: 568 });
  await shot(rtl, "center-320-rtl");
  await rtl.context().close();

  await busyDesk(desk, shot);
});

/** The demo with something going on, by its own buttons. */
async function busyDesk(desk, shot) {
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
      await shot(page, `demo-${size}-${colorScheme}`);
      await page.getByTestId("open-spans").click();
      await page.getByTestId("span").first().locator("summary").click();
      await shot(page, `spans-${size}-${colorScheme}`);
      await page.keyboard.press("Escape");
    }
  }
}
