/** Everything by keyboard, with the focus where it belongs; and what a screen reader is told. */
import { badge, becomes, check, focused, pause, run, slow, titles, until } from "./kit.mjs";

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const now = await stack.now();
  const accept = { id: "accept", label: "Accept", url: "", style: "primary" };
  await stack.seed(ada, [
    { id: "ask", priority: "high", title: "Cleo asks", actions: [accept], updatedAt: new Date(now + 9000) },
    ...Array.from({ length: 40 }, (_, n) => ({
      id: `n${n}`,
      title: `Item ${n}`,
      url: `/posts/${n}`,
      updatedAt: new Date(now - n * 1000),
      category: n % 2 ? "orders" : "social",
    })),
  ]);
  const page = await open(ada);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const on = (what, claim) =>
    until(`${claim} (the focus on ${what})`, async () => (await focused(page)) === what, 5000 * slow).then(() =>
      check(true, claim),
    );
  await until("the badge", async () => (await badge(page)) === "41");

  for (let tabs = 0; (await focused(page)) !== "bell"; tabs++) {
    if (tabs > 20) check(false, "Tab reaches the bell");
    await press("Tab");
  }
  check(true, "Tab reaches the bell");
  await press("Enter");
  await on("notification ask", "Enter opens the centre, on its first row");
  await press("ArrowDown", "ArrowDown");
  await on("notification n1", "the arrows walk");
  await press("k", "j");
  await on("notification n1", "so do j and k");
  await press("u");
  await until("40 unread", async () => (await badge(page)) === "40");
  await press("u");
  await until("41 unread", async () => (await badge(page)) === "41");
  check(true, "u reads, and takes it back");
  await press("PageDown", "PageUp", "ArrowUp");
  await on("notification n0", "so do Page Up and Page Down");
  await press("End");
  await on("notification n39", "End goes to the last, which had to be drawn first");
  await press("Home");
  await on("notification ask", "Home to the first");
  await press("Shift+Tab");
  await on("tab-all", "the feed is one tab stop: before it are the tabs");
  await press("Tab");
  await on("notification ask", "and back");

  await press("Tab", "Tab");
  await on("action-accept", "Tab goes into the row, over its title to its action");
  await press("Enter");
  await until("done", async () => (await page.getByTestId("done").count()) === 1);
  await on("notification ask", "Enter takes it, the focus stays with the row");

  await press("ArrowDown", "Tab", "Tab");
  await on("mark-read", "over the link to what the row offers at one press");
  const quick = page.locator('[data-id="n0"] .td-quick');
  check((await quick.evaluate(element => getComputedStyle(element).opacity)) === "1", "which shows with the focus");
  await press("Space");
  await until("39 unread", async () => (await badge(page)) === "39");
  await on("mark-unread", "Space marks as read, and the button takes it back");

  await press("ArrowDown", "Tab", "Tab", "Tab", "Tab", "Tab", "Enter");
  await on("menu-read", "after archive and snooze comes the menu, which opens on its first entry");
  await press("ArrowDown");
  await on("menu-archive", "its entries by the arrows");
  await press("Escape");
  await on("item-menu", "Escape closes the menu only, back to its button");
  check(await page.getByTestId("inbox").isVisible(), "the centre is still there");
  await press("Enter", "ArrowDown", "Enter");
  await until("archived", async () => !(await titles(page)).includes("Item 1"));
  await on("notification n2", "Enter archives, the focus goes to the next row");
  await press("h");
  await on("menu-snooze-hour", "h opens the menu at the times to snooze");
  await press("End", "Enter");
  await until("snoozed", async () => !(await titles(page)).includes("Item 2"));
  await on("notification n3", "snoozed, likewise");
  await press("?");
  await page.getByTestId("keys-help").waitFor();
  check((await page.locator(".td-keys kbd").count()) > 12, "? lists the keys");
  await press("e", "j");
  await press("Escape");
  await page.getByTestId("keys-help").waitFor({ state: "detached" });
  await on("notification n3", "Escape closes the list only, and no key went through it");
  await press("Tab", "Enter");
  await until("opened", async () => (await badge(page)) === "36");
  check(page.url().includes(ada.uid), "Enter on the title follows the link and reads the item");

  await on("bell", "the centre closes, and the focus returns to the bell");
  await press("Enter");
  await until("the first row", async () => (await focused(page)).startsWith("notification"));
  await press("Control+Home");
  await on("tab-all", "Control and Home leave the feed upwards, to the tabs, which are one tab stop");
  await press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight");
  await on("tab-archived", "chosen by the arrows");
  await until("the archived item", async () => (await titles(page)).join() === "Item 1");
  await press("Home", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"); // close, more, settings
  await on("search-toggle", "the search is folded away");
  await press("Enter");
  await on("search", "and takes the focus when it is unfolded");
  await page.keyboard.type("item 17");
  await until("found", async () => (await titles(page)).join() === "Item 17");
  check(true, "which finds");
  await press("Escape");
  check((await page.getByTestId("search").inputValue()) === "", "Escape clears a filled search first");
  check(await page.getByTestId("inbox").isVisible(), "and the centre stays");
  await press("Escape");
  await on("bell", "Escape closes the centre, and the focus returns to the bell");
  await becomes(async () => !(await page.getByTestId("inbox").isVisible()), "it is closed");

  const announcer = page.getByTestId("announcer");
  check((await announcer.getAttribute("role")) === "status", "there is a polite live region");
  await stack.seed(ada, [{ id: "t1", priority: "high", title: "Bob wrote" }]);
  await until("the announcement", async () => (await announcer.textContent()) === "1 new notification: Bob wrote");
  check(true, `it says what is new: "${await announcer.textContent()}"`);
  const said = await page.evaluateHandle(() => {
    const sentences = [{ at: performance.now(), text: "0 so far" }];
    const region = document.querySelector('[data-testid="announcer"]');
    const hear = () => region.textContent && sentences.push({ at: performance.now(), text: region.textContent });
    new MutationObserver(hear).observe(region, { subtree: true, childList: true, characterData: true });
    return sentences;
  });
  for (let n = 0; n < 12; n++) {
    await stack.seed(ada, [
      { id: `flood${n}`, priority: "low", title: "nothing to say" },
      { id: `rain${n}`, title: `Rain ${n}` },
    ]);
  }
  const total = sentences => sentences.reduce((sum, { text }) => sum + Number.parseInt(text, 10), 0);
  const sentences = await until("all twelve", async () => {
    const found = await said.jsonValue();
    return total(found) >= 12 && found;
  });
  // Each may be heard late, on a busy machine; but n of them cannot be said in less than n - 1 pauses.
  const heard = sentences.length - 1;
  check(
    total(sentences) === 12 && sentences.at(-1).at - sentences[0].at >= (heard - 1) * 6000,
    `twelve in a row, without the low ones, every few seconds one sentence: "${sentences[1].text}"`,
    sentences,
  );
  for (const revision of [2, 3]) {
    await stack.change(ada, "t1", { revision, updatedAt: new Date(await stack.now()) });
    await until("it is said", async () => {
      const same = (await said.jsonValue()).filter(({ text }) => text === "1 new notification: Bob wrote");
      return same.length === revision - 1;
    });
  }
  check(true, "what has the same words is said again");

  await stack.seed(ada, [{ id: "t2", priority: "urgent", title: "Alarm" }]);
  await until("the toast", async () => (await page.getByTestId("toast").filter({ hasText: "Alarm" }).count()) === 1);
  await press("F6");
  await becomes(async () => (await focused(page)).startsWith("toast "), "F6 leads to the toasts");
  while ((await page.getByTestId("toast").count()) > 0) await press("Escape");
  await on("bell", "Escape closes them, and the focus goes back to where it was");

  await stack.seed(ada, [{ id: "q", priority: "urgent", title: "Was it you?", actions: [accept] }]);
  await page.getByTestId("urgent-dialog").waitFor();
  await on("urgent-dialog", "the urgent dialog takes the focus, and none of its answers does");
  await pause(600); // its first half second takes no input
  await press("Escape");
  await page.getByTestId("urgent-dialog").waitFor({ state: "detached" });
  await on("bell", "Escape is “not now”, and the focus returns");

  await press("Enter");
  await until("the first row", async () => (await focused(page)).startsWith("notification"));
  await press("Control+Home", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Enter");
  await on("search", "search and category");
  await press("Tab");
  await on("category", "the choice of a category");
  await press("o"); // as a select has it: to the first choice that begins so
  await until("orders only", async () => (await page.getByTestId("category").inputValue()) === "orders");
  await press("Home");
  await until("all again", async () => (await page.getByTestId("category").inputValue()) === "");
  check(true, "is made by the keyboard");
  await press("Shift+Tab", "Shift+Tab", "Shift+Tab");
  await on("close", "before the tabs is the way out");
  await press("Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab");
  await on("mark-all-read", "and what concerns all items");
  await press("Enter");
  await until("no badge", async () => (await badge(page)) === "");
  check(true, "Enter reads them all");
  await press("Tab", "Tab", "Tab", "Enter");
  await on("menu-archive-all", "the centre's menu opens on its first entry");
  await press("Enter");
  await page.getByTestId("inbox-empty").waitFor();
  await on("panel-menu", "Enter archives all, the focus returns to the menu's button");
  await press("Tab", "Enter");
  await on("bell", "and the way out leads to the bell");
});
