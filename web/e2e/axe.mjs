/** axe finds nothing in any state, light or dark, in either language and direction. */
import { AxeBuilder } from "@axe-core/playwright";
import { badge, check, openCenter, row, run, until } from "./kit.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

run(async ({ stack, open }) => {
  for (const colorScheme of ["light", "dark"]) {
    const bob = await stack.person("Bob");
    const now = await stack.now();
    await stack.seed(bob, scene(now));
    const page = await open(bob, { context: { colorScheme, reducedMotion: "reduce" } });
    const clean = async state => {
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`,
      );
      check(found.length === 0, `${colorScheme}: ${state}: 0 violations`, found);
    };
    await until("the badge", async () => (await badge(page)) !== "");
    await clean("the page with the bell");
    await openCenter(page);
    await row(page, "Incident").waitFor();
    await clean("the centre");
    await row(page, "Alice Moreau").getByTestId("item-menu").click();
    await clean("a row's menu");
    await page.keyboard.press("Escape");
    await page.getByTestId("panel-menu").click();
    await clean("the centre's menu");
    await page.keyboard.press("Escape");
    for (const tab of ["unread", "mentions", "archived"]) {
      await page.getByTestId(`tab-${tab}`).click();
      await clean(`the tab ${tab}`);
    }
    await page.getByTestId("tab-all").click();
    await page.getByTestId("search").fill("nothing of the kind");
    await page.getByTestId("inbox-no-match").waitFor();
    await clean("a search without a match");
    await page.getByTestId("search").fill("");
    await page.context().setOffline(true);
    await page.locator('[data-status="offline"]').waitFor();
    await clean("offline");
    await page.context().setOffline(false);
    await page.setViewportSize({ width: 320, height: 568 });
    await clean("the sheet, 320 px wide");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 1280, height: 860 });
    const loud = scene(now).filter(({ priority }) => priority === "urgent" || priority === "high");
    await stack.seed(
      bob,
      loud.concat(loud).map((item, n) => ({
        ...item,
        id: `t${n}`,
        priority: "urgent",
        actions: [],
        seenAt: null,
        readAt: null,
        doneAction: null,
        updatedAt: new Date(now + 1000),
      })),
    );
    await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
    await clean("toasts, and some that wait");
    await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
    await page.getByTestId("urgent-dialog").waitFor();
    await clean("the urgent dialog");
    await page.context().close();

    const gone = await stack.person("Gone");
    const lost = await open(gone, {
      context: { colorScheme },
      query: "&lang=de&dir=rtl",
      firestore: { host: "127.0.0.1", port: 9 },
      before: one => one.route("http://127.0.0.1:9/**", route => route.abort()),
    });
    await openCenter(lost);
    await lost.getByTestId("inbox-loading").waitFor();
    const { violations } = await new AxeBuilder({ page: lost }).setLegacyMode(true).analyze();
    check(
      violations.length === 0,
      `${colorScheme}: loading, in German, from right to left: 0 violations`,
      violations.map(({ id }) => id),
    );
    await lost.getByTestId("inbox-error").waitFor();
    const after = await new AxeBuilder({ page: lost }).setLegacyMode(true).analyze();
    check(
      after.violations.length === 0,
      `${colorScheme}: unreachable: 0 violations`,
      after.violations.map(({ id }) => id),
    );
    await lost.context().close();
  }

  const page = await open(await stack.person("Nobody"));
  await page.unroute("**/stack.json");
  await page.goto(stack.addresses.web);
  await page.getByTestId("screen-bob").getByTestId("inbox").waitFor();
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  check(
    violations.length === 0,
    "the demo: 0 violations",
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
  );
});
