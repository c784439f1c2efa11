/** The demo's buttons that replay a real payload of each source, and what comes of it on the recipient's screen. */
import { check, run, until } from "./kit.mjs";

run(async ({ desk }) => {
  const page = await desk({ context: { viewport: { width: 1440, height: 900 } } });
  await page.getByTestId("to-bob").click();
  for (const [source, speaks] of [
    ["github", /review|accepted|advisory/i],
    ["alertmanager", /HighErrorRate/],
    ["orders", /order/i],
  ]) {
    const before = await items(page);
    await page.getByTestId(`replay-${source}`).click();
    const said = await until(`${source} answered`, async () => {
      const text = await page.getByTestId("replayed").textContent();
      return text && !text.includes("sending") && text;
    });
    check(said.endsWith("→ 202"), `${source}: the webhook was accepted: ${said}`, said);
    const fresh = await until(`${source}'s item is on Bob's screen`, async () =>
      (await items(page)).find(item => !before.includes(item) && speaks.test(item)),
    );
    check(true, `${source}: Bob reads "${fresh}"`);
    await page.keyboard.press("Escape"); // an urgent one asks for an answer at once
  }
});

/** The titles on the page's screens. */
async function items(page) {
  return page.getByTestId("notification-title").allTextContents();
}
