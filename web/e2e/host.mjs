/**
 * The inbox as a guest in a product: it leaves the product's Firestore alone, recovers when that has ended, knows what time
 * it is, and forgets.
 */
import { badge, check, openCenter, pause, pick, row, run, until } from "./kit.mjs";
import { buildProduct } from "./product.mjs";

const hour = 3_600_000;

run(async ({ stack, page: open }) => {
  const openProduct = await buildProduct({ stack, open });
  const ada = await stack.person("Ada");
  await stack.seed(ada, [{ id: "one", title: "Item one" }]);

  const page = await openProduct(ada);
  await until("the badge", async () => (await badge(page)) === "1");
  await pause(6000); // the server has been silent for longer than five seconds
  const reads = await page.evaluate(async () => {
    const answers = [];
    const end = performance.now() + 1500;
    let focused = 0;
    while (performance.now() < end) {
      if (focused++ % 5 === 0) window.dispatchEvent(new Event("focus"));
      answers.push(window.product.read());
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    return [...new Set(await Promise.all(answers))];
  });
  check(reads.join() === "read", "a focus lets no read of the product fail", reads);

  // As after the SDK's own mistake (ca9), or when the person has cleared the site's data: it says nothing any more.
  await page.evaluate(() => void window.product.terminate());
  await stack.seed(ada, [{ id: "two", title: "Item two" }]);
  await until("the new item", async () => (await badge(page)) === "2");
  check(true, "a Firestore that has ended itself is replaced, and the inbox goes on");
  await page
    .context()
    .newCDPSession(page)
    .then(devtools =>
      devtools.send("Storage.clearDataForOrigin", { origin: stack.addresses.web, storageTypes: "indexeddb" }),
    );
  await pause(500);
  await stack.seed(ada, [{ id: "three", title: "Item three" }]);
  await until("the new item", async () => (await badge(page)) === "3");
  check(true, "so it does when the site's data are cleared");

  // A mark for what was there a moment ago: another machine's news come first.
  await openCenter(page);
  await row(page, "Item three").waitFor();
  await page.context().setOffline(true);
  await row(page, "Item three").getByTestId("mark-read").click();
  await row(page, "Item three").getByText("Saving…").waitFor();
  check(true, "a mark that waits says so");
  await stack.change(ada, "three", { title: "Item three has news", revision: 9 });
  await page.context().setOffline(false);
  const notice = page.locator('[data-testid="notice"][data-kind="moved-on"]');
  await notice.waitFor();
  check(
    (await notice.textContent()).startsWith("“Item three” stayed as before: something new has happened there."),
    "a mark that is refused says which, and why",
    await notice.textContent(),
  );
  await page.context().close();

  const databases = page => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  const last = await openProduct(ada);
  await until("the badge", async () => (await badge(last)) !== "");
  check(
    (await databases(last)).some(name => name.startsWith("firestore/")),
    "the browser keeps the items",
  );
  await last.evaluate(() => window.product.inbox.forget());
  check(!(await databases(last)).some(name => name.startsWith("firestore/")), "after inbox.forget() it does not");
  await last.context().close();

  for (const [name, skew] of [
    ["ahead", 3 * hour],
    ["behind", -3 * hour],
  ]) {
    const eve = await stack.person("Eve");
    // Firestore's own time, which the client takes the time from, and which does not move with the stack's clock.
    const now = Date.now();
    await stack.seed(eve, [
      { id: "fresh", title: "Just happened", updatedAt: new Date(now - 1000) },
      { id: "soon", title: "Over in an hour", expireAt: new Date(now + hour) },
      { id: "over", title: "Over since an hour", expireAt: new Date(now - hour) },
      { id: "later", title: "For later" },
    ]);
    const wrong = await openProduct(eve, { before: shown => shown.addInitScript(shiftClock, skew) });
    await openCenter(wrong);
    await until("the server's time", async () =>
      /^(just now|[1-4]m ago)$/.test(await row(wrong, "Just happened").locator("time").textContent()),
    );
    check(true, `with a clock three hours ${name}, what just happened is so`);
    check(await row(wrong, "Over in an hour").isVisible(), "what expires in an hour is there");
    check((await row(wrong, "Over since").count()) === 0, "what has expired is not");
    await pick(wrong, "For later", "snooze-hour");
    await until("snoozed", async () => (await stack.stored(eve, "later")).snoozedUntil !== null);
    const woken = Date.parse((await stack.stored(eve, "later")).snoozedUntil);
    check(Math.abs(woken - Date.now() - hour) < 120_000, "and “in an hour” is in an hour");
    await wrong.context().close();
  }
});

/** Runs in the page before any of its scripts: its clock is wrong. */
function shiftClock(skew) {
  const { now } = Date;
  const Real = Date;
  window.Date = class extends Real {
    constructor(...given) {
      super(...(given.length > 0 ? given : [now() + skew]));
    }
    static now() {
      return now() + skew;
    }
  };
}
