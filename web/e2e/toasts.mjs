/** The toast policy on a screen, and what interrupts; with the news that come by the real pipeline. */
import {
  badge,
  becomes,
  check,
  openCenter,
  pause,
  recordStates,
  row,
  run,
  since,
  slow,
  state,
  until,
  within,
} from "./kit.mjs";

run(async ({ stack, browser, open }) => {
  const ada = await stack.person("Ada");
  await stack.seed(ada, [{ id: "old", priority: "urgent", title: "It was there before" }]);
  const context = await browser.newContext();
  const page = await open(ada, { context });
  const other = await open(ada, { context });
  await page.bringToFront(); // a page behind another one draws a frame a second, and a press waits for frames
  await until("the badge", async () => (await badge(page)) === "1");
  await pause(300);
  check((await page.getByTestId("toast").count()) === 0, "nothing toasts on the first load");

  const toasts = page.getByTestId("toast");
  const texts = () => page.getByTestId("toast-title").allTextContents();
  await stack.seed(ada, [{ id: "medium", title: "A like", priority: "medium" }]);
  await until("the badge says 2", async () => (await badge(page)) === "2");
  check((await toasts.count()) === 0, "medium ones count, and make none");

  const start = Date.now();
  await stack.seed(ada, [{ id: "h", priority: "high", title: "Bob wrote" }]);
  await until("a toast", async () => (await toasts.count()) === 1);
  await toasts.first().evaluate(element => Object.assign(element, { own: "mark" }));
  await toasts.first().hover(); // which stops its time
  await stack.change(ada, "h", { title: "Bob and Cleo wrote", revision: 2, updatedAt: new Date(await stack.now()) });
  await until("its change", async () => (await texts()).join() === "Bob and Cleo wrote");
  check(
    (await toasts.first().evaluate(element => element.own)) === "mark",
    "a change of a shown group changes its toast",
  );
  await page.mouse.move(0, 0);
  await until("the toast leaves", async () => (await toasts.count()) === 0);
  const stayed = Date.now() - start;
  check(stayed >= 4900 && stayed < 5000 + 3000 * slow, `a high one leaves by itself, after ${stayed} ms`);

  const numbers = Array.from({ length: 13 }, (_, index) => index);
  await stack.seed(
    ada,
    numbers.map(n => ({ id: `u${n}`, priority: "urgent", title: `Alarm ${n}` })),
  );
  await until("three", async () => (await toasts.count()) === 3);
  await until("and ten", async () => (await page.getByTestId("toasts-waiting").textContent()) === "10 more");
  check(true, "thirteen alarms: three toasts, and a queue of ten");
  const shown = await texts();
  await until("the other tab's three", async () => (await other.getByTestId("toast").count()) === 3);
  for (const one of [page, other]) await recordStates(one, ["toast-title", "toasts-waiting"]);
  await pause(600); // their first half second takes no press
  await page.getByTestId("dismiss").first().click();
  await until("the next one", async () => (await page.getByTestId("toasts-waiting").textContent()) === "9 more");
  await becomes(async () => {
    const now = await texts();
    return now.length === 3 && now[0] === shown[1] && !shown.includes(now[2]);
  }, "one is closed, the next comes up behind the others");
  await until("the same in the other tab", async () => (await state(other)) === (await state(page)));
  within(Math.abs((await since(other)) - (await since(page))), 250, "it is closed in the other tab, too");
  check((await badge(page)) === "16", "a closed toast is still unread", await badge(page));

  await openCenter(page);
  await row(page, "Alarm").first().waitFor();
  await page.getByTestId("mark-all-read").click();
  await until(
    "no toasts",
    async () => (await toasts.count()) === 0 && (await other.getByTestId("toast").count()) === 0,
  );
  check(true, "what was read anywhere leaves everywhere, urgent or not");
  await page.keyboard.press("Escape");

  await stack.event({
    type: "security.alert",
    recipients: [ada.uid],
    data: { summary: "New sign-in from Oslo" },
    actions: [
      { id: "me", label: "It was me" },
      { id: "block", label: "Block it", style: "danger" },
    ],
  });
  const dialog = page.getByTestId("urgent-dialog");
  await dialog.waitFor();
  check(
    (await toasts.count()) === 0,
    "an urgent question interrupts with a dialog, through the whole pipeline, and makes no toast",
  );
  await becomes(
    () => dialog.evaluate(element => element.matches(":modal") && element.contains(document.activeElement)),
    "it is modal and has the focus",
  );
  await pause(600); // its first half second takes no press
  await dialog.getByTestId("action-block").click();
  await dialog.waitFor({ state: "detached" });
  await other.getByTestId("urgent-dialog").waitFor({ state: "detached" });
  await openCenter(page);
  check(
    (await row(page, "Security alert").getByTestId("done").textContent()) === "Done: Block it",
    "an answer closes it everywhere, and is on the item",
  );
});
