/**
 * The demo as a newcomer meets it: with sample items, on a phone with the effect where the button is, with the reason of a
 * push that was held, and without anything from outside of this machine.
 */
import { check, connected, run, until } from "./kit.mjs";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
const wide = { viewport: { width: 1440, height: 900 } };

run(async ({ stack, open, page: openPage }) => {
  const [amy, zed] = [await stack.person("Amy"), await stack.person("Zed")];
  await stack.phone(zed);
  const answer = await fetch(`${stack.addresses.web}/stack.json`);
  const described = await answer.json();
  const json = { ...described, people: [amy, zed, ...described.people] };
  const outside = [];
  const desk = async (context, query = "") => {
    const page = await openPage({
      context,
      before: async page => {
        await page.route("**/stack.json", route => route.fulfill({ json }));
        page.on("request", request => {
          if (!isOurs(request.url())) outside.push(request.url());
        });
        await page.addInitScript(() => {
          window.refused = [];
          document.addEventListener("securitypolicyviolation", event => window.refused.push(event.blockedURI));
        });
      },
    });
    await page.goto(`${stack.addresses.web}/${query}`);
    for (const { uid } of [amy, zed]) await page.getByTestId(`screen-${uid}`).getByTestId("bell").waitFor();
    await connected(page);
    return page;
  };

  const page = await desk(phone);
  const screen = page.getByTestId(`screen-${zed.uid}`);
  await until("the samples", async () => (await stack.items(zed)).length === 4);
  await until("on the screen", async () => (await screen.getByTestId("notification").count()) >= 3);
  check(true, "an empty demo begins with a few sample items");
  await page.reload();
  await connected(page);

  await page.getByTestId("do-comment").tap();
  const effect = page.getByTestId("effect");
  await until("the effect", async () => (await effect.getAttribute("data-state")) === "told");
  const [button, box] = [await page.getByTestId("do-comment").boundingBox(), await effect.boundingBox()];
  const near = box.y - (button.y + button.height);
  check(near >= 0 && near < 60 && box.y + box.height <= 844, "on a phone the effect shows below the button", [
    button,
    box,
  ]);
  check(/commented/.test(await effect.textContent()), `it is the item itself: ${await effect.textContent()}`);

  const own = await open(zed);
  await until("the lease", async () => (await stack.inView(zed)).length > 0);
  await page.getByTestId("do-mention").tap();
  const push = page.getByTestId("effect-push");
  await until(
    "the reason",
    async () => (await push.count()) > 0 && /Zed is looking at it/.test(await push.textContent()),
  );
  check(true, `a push that is held says why: ${await push.textContent()}`);
  await own.context().close();
  check((await stack.items(zed)).length === 6, "the samples have come once", (await stack.items(zed)).length);
  check((await page.evaluate(() => window.refused)).length === 0, "the page's own policy refuses nothing of it");
  await page.context().close();

  const big = await desk(wide, "?samples=no");
  const theirs = big.getByTestId(`screen-${zed.uid}`);
  check(
    !(await big
      .getByTestId("effect")
      .isVisible()
      .catch(() => false)),
    "beside the screens there is no need for it",
  );
  await theirs.getByTestId("bell").click();
  await big.getByTestId("do-payment").click();
  const toast = theirs.getByTestId("toast").first();
  await toast.waitFor();
  const [inner, outer] = [await toast.boundingBox(), await theirs.boundingBox()];
  const inside =
    inner.x >= outer.x &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y >= outer.y &&
    inner.y + inner.height <= outer.y + outer.height;
  check(inside, "a toast lies in its own person's screen, over no list", [inner, outer]);
  await theirs.getByTestId("bell").click();
  await toast.waitFor({ state: "detached" });
  check(true, "and goes when the list is there");

  // A real payload, whose people have pictures on GitHub's servers. It knows the demo's own people only.
  await theirs.getByTestId("screen-person").selectOption("bob");
  const bobs = big.getByTestId("screen-bob");
  await bobs.getByTestId("bell").waitFor();
  await connected(big);
  await big.getByTestId("to-bob").click();
  await big.getByTestId("replay-github").click();
  await until("it was sent", async () => /→ 2/.test(await big.getByTestId("replayed").textContent()));
  await bobs
    .locator('[data-target^="pull"], [data-type*="issue"], [data-type*="pull"], [data-type*="review"]')
    .first()
    .waitFor();
  check(outside.length === 0, "nothing was loaded from outside", outside);
  const refused = await big.evaluate(() => window.refused);
  check(refused.length === 0, "nor tried to", refused);
});

function isOurs(address) {
  const { protocol, hostname } = new URL(address);
  return ["data:", "blob:"].includes(protocol) || hostname === "127.0.0.1" || /(^|\.)localhost$/.test(hostname);
}
