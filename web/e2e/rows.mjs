/**
 * What a row says and offers: urgency once strongly and once in words, the time on the second line, its deeds at one press
 * under a pointer, a finger and the keys, and the days above the rows. And the bell and the dialog beside them.
 */
import { badge, becomes, check, connected, openCenter, pause, pick, row, run, titles, until } from "./kit.mjs";

const hour = 3_600_000;

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const now = await stack.now();
  await stack.seed(ada, [
    { id: "alarm", priority: "urgent", title: "Checkout is down", body: "p99", updatedAt: new Date(now - 50 * hour) },
    { id: "calm", priority: "urgent", title: "It was urgent", updatedAt: new Date(now - 1000), ...readAt(now) },
    ...[0, 1, 2].map(n => ({ id: `n${n}`, title: `Item ${n}`, updatedAt: new Date(now - n * 2000) })),
    {
      id: "long",
      priority: "low",
      title: "A title of words ".repeat(9),
      body: "So is this. ".repeat(20),
      updatedAt: new Date(now - 73 * hour),
      ...readAt(now),
    },
    { id: "old", title: "Long ago", updatedAt: new Date(now - 72 * hour) },
  ]);
  const page = await open(ada);
  await until("the badge", async () => (await badge(page)) === "5");
  await bellChecks(page);
  await openCenter(page);
  await row(page, "Item 0").waitFor();

  const sections = () => page.getByTestId("section").allTextContents();
  const found = await sections();
  check(
    found[0] === "Waiting for you" && found.includes("Today") && found.at(-1) === "Earlier",
    `what waits stands first, the rest under its day: ${found.join(", ")}`,
    await titles(page),
  );
  const described = await row(page, "Checkout").evaluate(article =>
    article
      .getAttribute("aria-describedby")
      .split(" ")
      .map(id => document.getElementById(id)?.textContent),
  );
  check(described[0] === "Waiting for you", "the heading is part of the first row's description", described);
  check(
    (await page.locator('[role="feed"] :is(h1, h2, h3, [role="heading"])').count()) === 0,
    "and no part of the walk",
  );

  const head = await page.evaluate(() => {
    const top = document.querySelector(".td-inbox").getBoundingClientRect().top;
    return document.querySelector(".td-scroll").getBoundingClientRect().top - top;
  });
  check(head <= 96, `the head of the centre takes ${Math.round(head)} px of at most 96`);
  await urgencyChecks(page);
  await pressChecks(page, stack, ada);
  await page.context().close();
  for (const query of ["", "&lang=de&dir=rtl"])
    for (const width of [1280, 320])
      await offerChecks(await open(ada, { context: { viewport: { width, height: 860 } }, query }));

  await touchChecks(await open(ada, { context: { viewport: { width: 390, height: 844 }, hasTouch: true } }));
  await dialogChecks(await open(await stack.person("Eve")), stack);
});

const readAt = now => ({ seenAt: new Date(now), readAt: new Date(now) });

async function bellChecks(page) {
  const share = () =>
    page.getByTestId("bell").evaluate(bell => {
      const icon = bell.querySelector(".td-icon").getBoundingClientRect();
      const box = bell.querySelector(".td-badge").getBoundingClientRect();
      const width = Math.max(0, Math.min(icon.right, box.right) - Math.max(icon.left, box.left));
      const height = Math.max(0, Math.min(icon.bottom, box.bottom) - Math.max(icon.top, box.top));
      return (width * height) / (icon.width * icon.height);
    });
  await becomes(async () => (await share()) < 0.15, "the badge leaves the bell to be seen"); // it grows for a moment as it comes
  await page.context().setOffline(true);
  await page.getByTestId("bell-offline").waitFor();
  check(
    (await page.getByTestId("bell").getAttribute("aria-label")).endsWith(", offline"),
    "without a network the bell shows it, and its name says so",
  );
  await page.context().setOffline(false);
  await page.getByTestId("bell-offline").waitFor({ state: "detached" });
  await connected(page);
}

async function urgencyChecks(page) {
  const looks = title =>
    row(page, title).evaluate(article => {
      const edge = getComputedStyle(article, "::before").backgroundColor;
      const words = article.querySelector(".td-priority")?.textContent ?? "";
      const second = article.querySelector(".td-body").contains(article.querySelector("time"));
      return { edge: edge !== "rgba(0, 0, 0, 0)", words, second };
    });
  const [alarm, calm] = [await looks("Checkout"), await looks("It was urgent")];
  check(alarm.edge && alarm.words === "Urgent", "an urgent row says so by its edge and by a word", alarm);
  check(!calm.edge && calm.words === "", "once it is read, by nothing", calm);
  check(alarm.second && calm.second, "the time is on the second line");
}

async function pressChecks(page, stack, ada) {
  const opacity = title =>
    row(page, title)
      .locator(".td-quick")
      .evaluate(element => getComputedStyle(element).opacity);
  await page.mouse.move(0, 0);
  await becomes(async () => (await opacity("Item 0")) === "0", "what a row offers is out of sight");
  await row(page, "Item 0").hover();
  await becomes(async () => (await opacity("Item 0")) === "1", "until the pointer comes");
  await row(page, "Item 0").getByTestId("mark-read").click();
  await until("read", async () => (await stack.stored(ada, "n0")).readAt !== null);
  await row(page, "Item 0").getByTestId("mark-unread").click();
  await until("unread", async () => (await stack.stored(ada, "n0")).readAt === null);
  check(true, "one press reads, another one takes it back");
  await row(page, "Item 1").getByTestId("archive").click();
  await until("archived", async () => (await stack.stored(ada, "n1")).archivedAt !== null);
  check(true, "one press archives");
  await pause(1000); // the rows have moved under the pointer
  await row(page, "Item 2").getByTestId("snooze").click();
  await until("snoozed", async () => (await stack.stored(ada, "n2")).snoozedUntil !== null);
  const wait = Date.parse((await stack.stored(ada, "n2")).snoozedUntil) - (await stack.now());
  check(Math.abs(wait - hour) < 120_000, "one press snoozes for an hour", wait);
  await page.getByTestId("undo").click();
  await row(page, "Item 2").waitFor();
  check(true, "which can be undone");
  await pick(page, "Item 2", "snooze-week");
  await page.getByTestId("tab-snoozed").click();
  await pick(page, "Item 2", "wake");
  await page.getByTestId("inbox-empty").waitFor();
  await page.getByTestId("tab-all").click();
  await row(page, "Item 2").waitFor();
  check(true, "what is snoozed is listed, and can be woken");
  await page.getByTestId("panel-menu").click();
  await page.getByTestId("menu-keys").click();
  await page.getByTestId("keys-help").waitFor();
  check(true, "the centre's menu leads to the keys, too");
  await page.getByTestId("keys-help-close").click();
  await page.getByTestId("keys-help").waitFor({ state: "detached" });
  check(await page.getByTestId("inbox").isVisible(), "whose dialog leaves the centre open");
}

/** What a row offers lies on none of its words, and comes without moving anything. */
async function offerChecks(page) {
  await until("the badge", async () => (await badge(page)) !== "");
  await openCenter(page);
  const long = page.locator('[data-id="long"]');
  await long.waitFor();
  const places = () =>
    long.evaluate(article => {
      const [bar, ...texts] = [".td-quick", ".td-title", ".td-body"].map(part =>
        article.querySelector(part).getBoundingClientRect(),
      );
      const apart = texts.every(text => text.right <= bar.left || text.left >= bar.right);
      const { top, bottom } = article.getBoundingClientRect();
      return { apart, inside: bar.top >= top && bar.bottom <= bottom, height: bottom - top };
    });
  await page.mouse.move(0, 0);
  const before = await places();
  await long.hover();
  await becomes(
    () => long.locator(".td-quick").evaluate(bar => getComputedStyle(bar).opacity === "1"),
    "a row offers something",
  );
  const after = await places();
  const where = `${page.viewportSize().width} px, ${(await page.evaluate(() => document.dir)) || "ltr"}`;
  check(after.apart && after.inside, `what it offers lies beside its words (${where})`, after);
  check(after.height === before.height, "and the row stays as high as it was", { before, after });
  await page.context().close();
}

async function touchChecks(page) {
  await until("the badge", async () => (await badge(page)) !== "");
  await page.getByTestId("bell").tap();
  const one = row(page, "Long ago");
  await one.waitFor();
  const menu = one.getByTestId("item-menu");
  const { width, height } = await menu.boundingBox();
  check(width >= 44 && height >= 44, `a finger finds the row's menu, ${width} by ${height} px`);
  check(!(await one.getByTestId("archive").isVisible()), "and no button that it cannot see");
  const taken = await one.evaluate(article => {
    const [text, button] = [".td-item-text", '[data-testid="item-menu"]'].map(part => article.querySelector(part));
    return button.getBoundingClientRect().left - text.getBoundingClientRect().right;
  });
  check(taken <= 4, "whose air it leaves to the row's text", taken);
  await titleChecks(page);
  await menu.tap();
  await page.getByTestId("menu-archive").tap();
  await one.waitFor({ state: "detached" });
  check(true, "which archives");
  await page.context().close();
}

/** The title of the centre: whole, or out of sight. A phone of today has room for it, whatever the font. */
async function titleChecks(page) {
  const shown = () =>
    page.locator(".td-inbox > .td-head > h2").evaluate(heading => {
      const words = document.createRange();
      words.selectNodeContents(heading);
      const [box, text] = [heading, words].map(one => one.getBoundingClientRect());
      if (getComputedStyle(heading).opacity !== "1" || text.bottom > box.bottom + 8) return "no";
      return text.right <= box.right + 1 ? "whole" : "cut";
    });
  const { width, height } = page.viewportSize();
  for (const narrow of [412, 360, 320]) {
    await page.setViewportSize({ width: narrow, height });
    const is = await shown();
    check(narrow === 412 ? is === "whole" : is !== "cut", `the title on a screen of ${narrow} px`, is);
  }
  await page.locator(".td-inbox > .td-head > h2").evaluate(heading => {
    heading.lastChild.data = "Notifications of today";
  });
  check((await shown()) === "no", "of several words it shows all, or none");
  await page.setViewportSize({ width, height });
}

async function dialogChecks(page, stack) {
  await page.setViewportSize({ width: 390, height: 844 });
  const uid = new URL(page.url()).searchParams.get("person");
  const action = (id, style) => ({ id, label: id, url: "", style });
  await stack.seed({ uid }, [
    {
      id: "q",
      priority: "urgent",
      title: "Was it you?",
      actors: [{ id: "bot", name: "Guard", imageUrl: "" }],
      actions: [action("block", "danger"), action("ask", ""), action("me", "primary")],
    },
  ]);
  const dialog = page.getByTestId("urgent-dialog");
  await dialog.waitFor();
  await stack.seed(
    { uid },
    [1, 2, 3].map(n => ({ id: `t${n}`, priority: "high", title: `Bob wrote ${n}` })),
  );
  await until("the toasts", async () => (await page.getByTestId("toast").count()) === 3);
  const onTop = await page.getByTestId("toasts").evaluate(toasts => toasts.matches(":popover-open"));
  check(!onTop, "no toast lies over what the dialog asks");
  const order = await dialog.getByRole("button").evaluateAll(all => all.map(one => one.dataset.testid));
  check(
    order.join() === "action-me,action-ask,later,action-block",
    "whatever the producer's order is: what is dangerous comes last, behind “not now”",
    order,
  );
  check(
    /^Guard · (just now|1m ago)/.test(await dialog.locator(".td-urgent-when").textContent()),
    "it says who and when",
  );
  await becomes(() => dialog.evaluate(element => element === document.activeElement), "no answer has the focus");
  await page.context().close();
}
