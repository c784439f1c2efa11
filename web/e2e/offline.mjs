/** Without a network, as the browser knows it: the inbox opens from the cache, what is done waits, and the badge is right. */
import { badge, becomes, check, openCenter, pick, row, run, titles, until, within } from "./kit.mjs";

run(async ({ stack, browser, open }) => {
  const ada = await stack.person("Ada");
  await stack.seed(ada, [
    ...["one", "two", "three", "four", "stale"].map(id => ({ id, title: `Item ${id}` })),
    { id: "ask", title: "Cleo asks", actions: [{ id: "accept", label: "Accept", url: "", style: "primary" }] },
  ]);
  const context = await browser.newContext();
  const page = await open(ada, {
    context,
    // The product's own files come from its service worker or its cache; here the test plays that part.
    before: one => one.route(`${stack.addresses.web}/**`, keepShell(new Map())),
  });
  await until("the badge says 6", async () => (await badge(page)) === "6");

  await context.setOffline(true);
  await page.reload();
  await until("the badge says 6", async () => (await badge(page)) === "6");
  if (await page.evaluate(() => navigator.onLine)) {
    // Chromium 148 forgets at a reload that there is no network.
    await context.setOffline(false);
    await context.setOffline(true);
  }
  await openCenter(page);
  await becomes(
    async () => (await titles(page)).length === 6,
    "offline, after a reload, the inbox opens from the cache",
  );
  await page.locator('[data-testid="connection"][data-status="offline"]').waitFor();
  check(true, "and says that it is offline");

  await row(page, "Item one").getByTestId("mark-read").click();
  await until("5", async () => (await badge(page)) === "5");
  await pick(page, "Item two", "archive");
  await until("4", async () => (await badge(page)) === "4");
  await pick(page, "Item three", "snooze-tomorrow");
  await until("3", async () => (await badge(page)) === "3");
  await row(page, "Cleo asks").getByTestId("action-accept").click();
  await until("2", async () => (await badge(page)) === "2");
  await row(page, "Item stale").getByTestId("mark-read").click();
  await until("1", async () => (await badge(page)) === "1");
  check(true, "read, archive, snooze, act and read again: the badge is right after each");

  // A mark shows at the press; what is on the disk outlives the page.
  await until("the last mark is on the disk", () => page.evaluate(waitsOnDisk, "/notifications/stale"));
  await page.reload();
  await until("still 1", async () => (await badge(page)) === "1");
  check(true, "and after another reload");
  check((await stack.stored(ada, "one")).readAt === null, "nothing of it has reached the server");
  await stack.change(ada, "stale", { title: "Item stale has news", revision: 2 });

  await context.setOffline(false);
  const start = Date.now();
  const arrived = async (id, field) => {
    await until(`${field} of ${id}`, async () => (await stack.stored(ada, id))[field] !== null);
    return Date.now() - start;
  };
  const took = Math.max(
    await arrived("one", "readAt"),
    await arrived("two", "archivedAt"),
    await arrived("three", "snoozedUntil"),
    await arrived("ask", "doneAction"),
    await arrived("ask", "readAt"),
  );
  within(took, 5000, "all of it is on the server after the network came back");
  await openCenter(page);
  await row(page, "Item stale has news").waitFor();
  await until("2", async () => (await badge(page)) === "2");
  check((await stack.stored(ada, "stale")).readAt === null, "a read made for an older state did not swallow the news");
});

/** In the page: whether Firestore's cache has a write of the document that waits for the network. */
async function waitsOnDisk(document) {
  const answer = request =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("firestore/")) continue;
    const cache = await answer(indexedDB.open(name));
    const waiting = await answer(cache.transaction("mutations").objectStore("mutations").getAll());
    cache.close();
    if (JSON.stringify(waiting).includes(document)) return true;
  }
  return false;
}

/** Passes the product's files on, and gives them from memory once there is no network. */
function keepShell(kept) {
  return async route => {
    const address = route.request().url();
    const answer = kept.has(address) ? null : await route.fetch().catch(() => null);
    if (answer?.ok())
      kept.set(address, { status: 200, contentType: answer.headers()["content-type"], body: await answer.body() });
    const known = kept.get(address);
    if (address.endsWith("/stack.json")) return route.fallback();
    return known ? route.fulfill(known) : route.abort();
  };
}
