/**
 * What does not work says why: a mark that the rules refuse, one on an item that is gone, one after a sign-out, and a part of
 * the package that cannot be loaded. And a notice stays for those who are slow.
 */
import { badge, becomes, check, openCenter, pause, row, run, until } from "./kit.mjs";
import { buildProduct } from "./product.mjs";

const day = 86_400_000;

run(async ({ stack, page: openPage, open }) => {
  const openProduct = await buildProduct({ stack, open: openPage });
  const ada = await stack.person("Ada");
  await stack.seed(
    ada,
    ["one", "two", "three", "four"].map(id => ({ id, title: `Item ${id}` })),
  );
  const page = await openProduct(ada);
  await until("the badge", async () => (await badge(page)) === "4");
  await openCenter(page);
  await row(page, "Item one").waitFor();
  await slowPeople(page, stack, ada);
  await refusals(page, stack, ada);
  await page.context().close();
  await missingParts(open, ada);
});

const notice = page => page.getByTestId("notice");
const said = (page, kind) =>
  until(`the notice ${kind}`, async () => {
    const found = page.locator(`[data-testid="notice"][data-kind="${kind}"]`);
    return (await found.count()) > 0 && (await found.locator("span").first().textContent());
  });

/** The ten seconds stop under the pointer, and while the keyboard is there. */
async function slowPeople(page, stack, ada) {
  await row(page, "Item one").focus();
  await page.keyboard.press("e");
  await said(page, "archived");
  await page.getByTestId("undo").hover();
  await pause(10_500);
  check(await notice(page).isVisible(), "a notice stays while the pointer is on it");
  await page.keyboard.press("Control+End"); // from the list to what comes after it
  await becomes(
    () => page.evaluate(() => document.activeElement?.dataset.testid === "undo"),
    "the way out of the list leads to its button",
  );
  await page.mouse.move(0, 0);
  await pause(2000);
  check(await notice(page).isVisible(), "it stays while the keyboard is on it");
  await page.keyboard.press("Tab"); // to its other button
  await pause(1500);
  check(await notice(page).isVisible(), "also from one of its buttons to the next");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await row(page, "Item one").waitFor();
  await until("stored", async () => (await stack.stored(ada, "one")).archivedAt === null);
  check(true, "and undoes what was done");
}

/** By the real rules. */
async function refusals(page, stack, ada) {
  const result = await page.evaluate(until => window.product.inbox.snooze("one", until), Date.now() + 400 * day);
  const forbidden = await said(page, "refused");
  check(
    result === "refused" && forbidden === "“Item one” stayed as before: this change is not allowed.",
    `what the rules refuse says so: ${forbidden}`,
    [result, forbidden],
  );
  await page.context().setOffline(true);
  await row(page, "Item two").getByTestId("mark-read").click();
  await stack.remove(ada, "two");
  await page.context().setOffline(false);
  const gone = await said(page, "gone");
  check(gone === "“Item two” cannot be changed: no longer there.", `so does what is not there any more: ${gone}`);

  await page.evaluate(() => window.product.signOut());
  await row(page, "Item three").getByTestId("mark-read").click();
  const signedOut = await said(page, "signed-out");
  check(
    signedOut === "“Item three” stayed as before: you are signed out. Sign in again.",
    `and what somebody does who is signed out: ${signedOut}`,
  );
  check((await stack.stored(ada, "three")).readAt === null, "nothing of it is stored");
}

/** As when the files of an open page have been replaced by newer ones on the server. */
async function missingParts(open, ada) {
  const without = part => ({ before: page => page.route(`**/assets/${part}-*.js`, route => route.abort()) });
  const panel = await open(ada, without("panel"));
  await until("the badge", async () => (await badge(panel)) !== "");
  await panel.getByTestId("bell").click();
  const failed = panel.getByTestId("panel-failed");
  await failed.getByTestId("close").click();
  await failed.waitFor({ state: "detached" });
  await panel.getByTestId("bell").click();
  await failed.getByTestId("reload").waitFor();
  check(
    (await failed.getByRole("heading").textContent()) === "This part could not be loaded",
    "a centre that cannot be loaded says so, and offers to load the page again",
  );
  await panel.context().setOffline(true);
  await failed.getByTestId("try-again").click();
  await pause(1500);
  check(await failed.getByTestId("try-again").isVisible(), "without a network it goes on offering to try again");
  await panel.context().setOffline(false);
  await panel.unrouteAll();
  check(await comesBack(panel), "and what it offers helps");
  await panel.context().close();

  const late = await open(ada, { ...without("late"), live: false });
  await openCenter(late);
  await late.getByTestId("inbox-not-loaded").getByTestId("reload").waitFor();
  check(true, "so does a list whose Firestore cannot be loaded");
  await late.unrouteAll();
  check(await comesBack(late), "which comes when it can");
  await late.context().close();
}

/**
 * Tries again. Some browsers (seen in Chromium 148) remember that a file could not be loaded, for as long as the page is
 * open: there the button becomes the one that helps.
 */
async function comesBack(page) {
  await page.getByTestId("try-again").click();
  const item = row(page, "Item one").first();
  const reload = page.getByTestId("reload");
  const onlyReload = async () => (await page.getByTestId("try-again").count()) === 0 && (await reload.count()) === 1;
  await until("the list, or the only way to it", async () => (await item.isVisible()) || (await onlyReload()));
  if (await item.isVisible()) return true;
  const isFocused = await reload.evaluate(button => button === document.activeElement);
  check(isFocused, "where trying again is in vain the same button loads the page again, and keeps the focus");
  await page.keyboard.press("Enter");
  await page.getByTestId("badge").first().waitFor(); // the page is new, with the demo's own person
  return true;
}
