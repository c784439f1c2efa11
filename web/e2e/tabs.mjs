/** One person in two tabs and on two machines: whatever is done in one place is so in all. */
import { becomes, openCenter, pick, recordStates, row, run, since, state, until, within } from "./kit.mjs";

run(async ({ stack, browser, open }) => {
  const ada = await stack.person("Ada");
  const accept = [{ id: "accept", label: "Accept", url: "", style: "primary" }];
  await stack.seed(ada, [
    ...["one", "two", "three", "four", "five", "six"].map(id => ({ id, title: `Item ${id}` })),
    { id: "ask", title: "Cleo asks", actions: accept },
  ]);
  const laptop = await browser.newContext();
  const show = async context => {
    const page = await open(ada, { context });
    await openCenter(page);
    return page;
  };
  const first = await show(laptop);
  const second = await show(laptop);
  const phone = await show({ viewport: { width: 390, height: 844 } });
  await first.bringToFront(); // a page behind another one draws a frame a second, and a press waits for frames
  for (const page of [first, second, phone]) {
    await row(page, "Cleo asks").waitFor();
    await until("all is seen, so that only marks change anything", () =>
      page.evaluate(() => !document.querySelector("[data-new]")),
    );
  }

  for (const page of [first, second, phone]) await recordStates(page, ["badge", "notification-title", "done"]);
  const deeds = {
    "a read": () => row(first, "Item one").getByTestId("mark-read").click(),
    "an unread": () => pick(first, "Item one", "unread"),
    "an archive": () => pick(first, "Item two", "archive"),
    "a snooze": () => pick(first, "Item three", "snooze-week"),
    "an unarchive": async () => {
      await first.getByTestId("tab-archived").click();
      await pick(first, "Item two", "unarchive");
      await first.getByTestId("tab-all").click();
    },
    "an action": () => row(first, "Cleo asks").getByTestId("action-accept").click(),
    "all read": () => first.getByTestId("mark-all-read").click(),
  };
  let slowestTab = 0;
  for (const [name, deed] of Object.entries(deeds)) {
    const before = await state(first);
    await deed();
    await until(`${name} shows where it was done`, async () => (await state(first)) !== before);
    const start = await since(first);
    const took = [];
    for (const page of [second, phone]) {
      await until(`${name} shows everywhere`, async () => (await state(page)) === (await state(first)));
      took.push(Math.max(0, (await since(page)) - start));
    }
    slowestTab = Math.max(slowestTab, took[0]);
    within(took[1], 1000, `${name} in one context is so in the other`);
  }
  within(slowestTab, 250, "the slowest of these marks reached the other tab of the same browser");

  // The first tab holds the connection for both.
  const start = Date.now();
  await first.close();
  await stack.change(ada, "four", { title: "Item four has news", revision: 2 });
  await row(second, "Item four has news").waitFor();
  within(Date.now() - start, 8000, "the tab that held the connection closed, the other is live");
  await becomes(async () => (await state(second)) === (await state(phone)), "and equal to the other machine");

  await second.getByTestId("panel-menu").click();
  await second.getByTestId("menu-archive-all").click();
  await second.getByTestId("inbox-empty").waitFor();
  await phone.getByTestId("inbox-empty").waitFor();
  within((await since(phone)) - (await since(second)), 1000, "all archived in one context is so in the other");
});
