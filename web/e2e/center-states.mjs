/**
 * Pictures of the centre, of what fails, and of what appears by itself. Each of `inTheCenter` begins with the open centre and its list,
 * and ends there, so that the next one can be reached where one cannot: another commit's client may lack it.
 */
import { connected, cutOff, openCenter, openFilters, pause, pick, row, until } from "./kit.mjs";
import { preferenceStates } from "./preference-states.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

const alice = "Alice Moreau";

export const inTheCenter = {
  async list({ page, take }) {
    await take("center");
    await row(page, alice).hover();
    await take("pointer");
    await page.mouse.move(0, 0);
    await row(page, alice).focus();
    await page.keyboard.press("ArrowDown"); // by key, so that the focus shows
    await take("focus");
    await page.keyboard.press("End");
    await row(page, "Dave Okafor followed").waitFor();
    await take("end");
    await page.keyboard.press("Home");
  },
  async itemMenu({ page, take }) {
    await row(page, alice).getByTestId("item-menu").click();
    await page.getByTestId("menu").waitFor();
    await take("menu");
    await page.keyboard.press("End");
    await take("menu-end");
    await page.keyboard.press("Escape");
  },
  async keys({ page, take }) {
    await row(page, alice).focus();
    await page.keyboard.press("?");
    await page.getByTestId("keys-help").waitFor();
    await take("keys");
    await page.keyboard.press("Escape");
    await page.getByTestId("keys-help").waitFor({ state: "detached" });
  },
  async centerMenu({ page, take }) {
    await page.getByTestId("panel-menu").click();
    await take("panel-menu");
    await page.keyboard.press("Escape");
  },
  preferences: ({ page, take }) => preferenceStates(page, alice, take),
  async search({ page, take }) {
    await openFilters(page);
    await take("filters");
    await page.getByTestId("search").fill("harbour");
    await row(page, "Incident").waitFor({ state: "detached" });
    await take("found");
    await page.getByTestId("search").fill("nothing of the kind");
    await page.getByTestId("inbox-no-match").waitFor();
    await take("no-match");
    await page.getByTestId("search-toggle").click();
  },
  async answered({ page, take }) {
    await row(page, "Erin Sato wants").getByTestId("action-accept").click();
    await row(page, "Erin Sato wants").getByTestId("done").scrollIntoViewIfNeeded();
    await take("answered");
  },
  async archived({ page, take }) {
    await row(page, alice).focus();
    await page.keyboard.press("e");
    await page.getByTestId("notice").hover(); // its time stops, however long a picture takes
    await row(page, alice).waitFor({ state: "detached" });
    await take("notice");
    await page.getByTestId("notice-close").click();
    await page.getByTestId("tab-archived").click();
    await row(page, alice).waitFor();
    await take("archived");
    await pick(page, alice, "unarchive");
    await page.getByTestId("inbox-empty").waitFor();
    await page.getByTestId("tab-all").click();
  },
  async tabs({ page, take }) {
    for (const tab of ["unread", "mentions", "snoozed"]) {
      await page.getByTestId(`tab-${tab}`).click();
      await page
        .getByTestId(tab === "snoozed" ? "inbox-empty" : "notification")
        .first()
        .waitFor();
      await take(tab === "snoozed" ? "empty" : tab);
    }
    await page.getByTestId("tab-all").click();
  },
  async snoozed({ page, take }) {
    await pick(page, "Carol Lindqvist", "snooze-tomorrow");
    await page.getByTestId("tab-snoozed").click();
    await row(page, "Carol Lindqvist").getByTestId("snoozed-until").waitFor();
    await take("snoozed");
    await page.getByTestId("tab-all").click();
  },
  async whole({ page, take }) {
    await row(page, "Incident").focus();
    await page.keyboard.press("Enter");
    await page.locator("article[data-whole]:not([data-unread])").waitFor();
    await take("whole");
    await page.keyboard.press("Enter");
  },
  async offline({ page, take, stack, bob }) {
    await page.context().setOffline(true);
    await page.locator('.td-strip[data-status="offline"]').waitFor();
    await pause(1200); // the strip waits a second
    await take("offline");
    await row(page, "Incident").focus();
    await page.keyboard.press("e");
    await stack.remove(bob, "incident");
    await page.context().setOffline(false);
    await page.locator('[data-testid="notice"][data-kind="gone"]').hover();
    await take("refused");
    await page.getByTestId("notice-close").click();
    await connected(page);
  },
};

/** What appears by itself. The centre is closed. */
export async function byThemselves({ page, stack, bob, take }) {
  const now = await stack.now();
  const loud = scene(now).filter(({ priority, readAt }) => !readAt && /urgent|high/.test(priority));
  await stack.seed(
    bob,
    [...loud, ...loud.slice(1)].map((item, index) => ({
      ...item,
      id: `new-${index}`,
      updatedAt: new Date(now + 1000),
    })),
  );
  await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
  await page.getByTestId("toast").first().hover(); // their time stops
  await take("toasts");
  await pause(600); // what has moved takes no press
  await page.getByTestId("toasts-waiting").click();
  await page.getByTestId("toasts-close-all").scrollIntoViewIfNeeded();
  await take("toasts-all");
  await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
  await page.getByTestId("urgent-dialog").waitFor();
  await take("urgent");
}

/** What a page shows that cannot reach Firestore: at first, and later; `open` opens a page with the look. */
export async function unreachable(open, take) {
  const page = await open({
    ...cutOff,
  });
  await openCenter(page);
  await page.getByTestId("inbox-loading").waitFor();
  await take(page, "loading");
  return async () => {
    await page.getByTestId("inbox-error").waitFor();
    await take(page, "unreachable");
    await page.context().close();
  };
}

/** What a page shows where a part of the package could not be loaded. */
export async function missingParts(open, take) {
  for (const [part, state] of Object.entries({ panel: "panel-failed", late: "inbox-not-loaded" })) {
    const without = page => page.route(`**/assets/${part}-*.js`, route => route.abort());
    const page = await open({ live: false, before: without });
    await page.getByTestId("bell").click();
    await page.getByTestId(state).waitFor();
    await take(page, state);
    await page.context().close();
  }
}
