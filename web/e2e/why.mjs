/**
 * "Why do I get this?": why, how often lately, and beside it what changes it; by keyboard and by touch, in two languages and directions,
 * and counted as the person's own items are.
 */
import { clean } from "./clean.mjs";
import { becomes, check, focused, openCenter, pick, row, run, until } from "./kit.mjs";
import { openPreferences, saved, walkTo } from "./settings.mjs";

const day = 86_400_000; // ms
const walk = { type: "post", id: "walk", source: "", title: "A walk in the Alps", url: "/posts/walk" };

run(async ({ stack, browser, open }) => {
  const now = await stack.now();
  const ago = days => new Date(now - days * day);
  const mentioned = { type: "user.mentioned", title: "Alice mentioned you", target: walk, updatedAt: ago(0.1) };
  const liked = days => ({ id: `liked-${days}`, title: `${days} days`, updatedAt: ago(days) });
  const archived = days => ({ ...liked(days), id: `archived-${days}`, seenAt: ago(days), archivedAt: ago(days) });
  const some = [
    { id: "mention", ...mentioned },
    liked(1),
    liked(6.9),
    liked(7.1),
    archived(2),
    archived(30),
    { ...archived(3), id: "muted", muted: "mute" },
    { id: "paid", type: "payment.failed", category: "payments", title: "Paid", updatedAt: ago(1) },
  ];

  const ada = await stack.person("Ada");
  await stack.seed(ada, some);
  const page = await open(ada, { context: { reducedMotion: "reduce" } });
  await byKeyboard({ stack, ada, page });
  await inThePreferences(page);
  await page.context().close();
  await byTouch({ stack, bea: await stack.person("Bea"), some, browser, open });
  await atLeast({ stack, cid: await stack.person("Cid"), ago, open });
});

/** From a row to its reason, to the switch and the mute, and back, without a pointer. */
async function byKeyboard({ stack, ada, page }) {
  await openCenter(page);
  await row(page, "Alice mentioned you").focus();
  await page.keyboard.press("h");
  await page.getByTestId("menu").waitFor();
  await walkTo(page, "menu-why", "ArrowDown");
  await page.keyboard.press("Enter");
  const why = page.getByTestId("why");
  await why.waitFor();
  check(
    (await why.getByRole("paragraph").first().textContent()) === "It was sent to you because somebody mentioned you.",
    "it says in a sentence why the person is told",
  );
  const says = (id, words) =>
    becomes(async () => (await why.getByTestId(id).textContent()) === words, `it says “${words}”`);
  await says("alike", "In the last 7 days, 1 notification like this reached you.");
  await says("lately-social", "4 in the last 7 days"); // the mention, two that are listed, one that is archived
  await clean(page, "why");

  await walkTo(page, "choose-social-push");
  await page.keyboard.press("Space");
  await until("it says that it is saved", async () => (await why.getByTestId("saving").textContent()) === "Saved");
  await clean(page, "why, saved");
  const { preferences } = await stack.profile(ada);
  check(preferences.push.social === false, "beside it is the category's own switch, which holds");

  await walkTo(page, "why-mute");
  await page.keyboard.press("Enter");
  await walkTo(page, "menu-mute-week", "ArrowDown");
  await page.keyboard.press("Escape");
  await until("the focus", async () => (await focused(page)) === "why-mute");
  check(await why.isVisible(), "Escape closes the mute's menu alone, and gives the focus back to its button");
  await page.keyboard.press("Enter");
  await walkTo(page, "menu-mute-ever", "ArrowDown");
  await page.keyboard.press("Enter");
  await says("why-muted", "Muted: until you take it back");
  await becomes(
    async () => (await focused(page)) === "why-mute",
    "what it is about is muted from there; the focus stays",
  );
  await clean(page, "why, muted");
  const notices = page.getByTestId("notice");
  check(
    (await notices.filter({ visible: true }).count()) === 1,
    "the way back is there once, not in the centre behind it, too",
  );
  await walkTo(page, "undo");
  await page.keyboard.press("Enter");
  await why.getByTestId("why-muted").waitFor({ state: "detached" });
  await becomes(
    async () => Object.keys((await stack.profile(ada)).mutes ?? {}).length === 0,
    "and can be undone there",
  );

  await page.keyboard.press("Escape");
  await why.waitFor({ state: "detached" });
  await becomes(async () => (await focused(page)) === "item-menu", "Escape closes it, and the focus is where it was");
}

/** Each category says how often it came, so that nobody has to open an item for that. */
async function inThePreferences(page) {
  await openPreferences(page);
  const says = (category, words) =>
    becomes(
      async () => (await page.getByTestId(`lately-${category}`).textContent()) === words,
      `the preferences say of ${category}: “${words}”`,
    );
  await says("social", "4 in the last 7 days");
  await says("payments", "1 in the last 7 days");
  await says("orders", "0 in the last 7 days");
  await page.getByTestId("choose-social-push").check();
  await saved(page);
}

/** On the smallest phone, in German, from right to left. */
async function byTouch({ stack, bea, some, browser, open }) {
  await stack.seed(bea, some);
  const context = await browser.newContext({
    viewport: { width: 320, height: 568 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: "reduce",
  });
  const page = await open(bea, { context, query: "&lang=de&dir=rtl" });
  await page.getByTestId("bell").tap();
  await row(page, "Alice mentioned you").waitFor();
  await pick(page, "Alice mentioned you", "why");
  const why = page.getByTestId("why");
  await becomes(
    async () =>
      (await why.getByTestId("alike").textContent()) ===
      "In den letzten 7 Tagen hat dich 1 Mitteilung wie diese erreicht.",
    "in German, too",
  );
  await becomes(
    async () => (await why.getByTestId("lately-social").textContent()) === "4 in den letzten 7 Tagen",
    "also of the category",
  );
  const box = await why.evaluate(({ scrollWidth, clientWidth, offsetWidth }) => ({
    scrollWidth,
    clientWidth,
    offsetWidth,
  }));
  check(box.scrollWidth <= box.clientWidth && box.offsetWidth <= 320, "nothing is wider than the phone", box);
  const words = await why.getByTestId("why-mute").evaluate(button => button.scrollWidth - button.clientWidth);
  check(words <= 0, "and the words of a button are all there", words);
  const category = await why.locator("tbody th").boundingBox();
  check(category.width >= 90, "a category has room for its name", category.width);
  const small = await why
    .locator("label, button")
    .evaluateAll(all => all.map(one => one.getBoundingClientRect().height).filter(height => height < 36));
  check(small.length === 0, "a finger finds each control", small);
  await clean(page, "why, on a phone, in German, from right to left");
  await page.emulateMedia({ forcedColors: "active" });
  await clean(page, "why, in forced colours");
  await context.close();
}

/** Who has more than the inbox holds is not told a number that is too small. */
async function atLeast({ stack, cid, ago, open }) {
  await stack.seed(
    cid,
    Array.from({ length: 120 }, (_, n) => ({
      id: `n${n}`,
      title: `Item ${n}`,
      readAt: ago(0),
      updatedAt: ago(n / 1000),
    })),
  );
  const page = await open(cid, { context: { reducedMotion: "reduce" } });
  await openCenter(page);
  await row(page, "Item 0").waitFor();
  await pick(page, "Item 0", "why");
  await becomes(
    async () =>
      (await page.getByTestId("alike").textContent()) ===
      "In the last 7 days, at least 100 notifications like this reached you.",
    "of a list that is longer than what is held it says “at least”",
  );
}
