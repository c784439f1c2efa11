/** What axe looks at: every state that there are pictures of, as one person meets them. */
import { byThemselves, inTheCenter, missingParts, unreachable } from "./center-states.mjs";
import { clean } from "./clean.mjs";
import { badge, openCenter, until } from "./kit.mjs";
import { scene } from "./scene.mjs";

/** Fails if axe finds something in a state, in light, in dark or in forced colours. `look` is for what it says; `open` is the script's. */
export async function everyState({ stack, open }, { look, viewport, query }) {
  const bob = await stack.person("Bob");
  await stack.seed(bob, scene(await stack.now()));
  const openHis = options => open(bob, { ...options, query, context: { viewport, reducedMotion: "reduce" } });
  const take = (page, name) => clean(page, `${name}, ${look}`);
  const later = await unreachable(openHis, take);
  const page = await openHis();
  const state = { page, stack, bob, take: name => take(page, name) };
  await until("the badge", async () => (await badge(page)) !== "");
  await state.take("bell");
  await openCenter(page);
  await page.getByTestId("notification").first().waitFor();
  // On a busy machine a row says for a moment that it is saved, and what is measured has gone.
  await until("what is on screen is seen", async () => (await stack.stored(bob, "incident")).seenAt !== null);
  await page.locator(".td-pending").first().waitFor({ state: "detached" });
  for (const reach of Object.values(inTheCenter)) await reach(state);
  await page.keyboard.press("Escape");
  await byThemselves(state);
  await page.context().close();
  await missingParts(openHis, take);
  await later();
}
