/** What a person does on the screen of the preferences. */
import { check, until } from "./assertions.mjs";
import { focused, openCenter } from "./page.mjs";

/** Presses a key until the focus is on what has the test id. */
export async function walkTo(page, testId, key = "Tab") {
  const met = [];
  for (let presses = 0; presses < 80; presses++) {
    if ((await focused(page)) === testId) return;
    met.push(await focused(page));
    await page.keyboard.press(key);
  }
  check(false, `the key ${key} leads to ${testId}`, met);
}

/** Opens the preferences in the centre. */
export async function openPreferences(page) {
  if ((await page.getByTestId("inbox").count()) === 0) await openCenter(page);
  await page.getByTestId("open-preferences").click();
  await settingsShown(page);
}

export async function settingsShown(page) {
  await page.getByTestId("setting-disturb").waitFor();
}

/** The address of the demo's settings page for whom the page is of. */
export async function openSettingsPage(page) {
  await page.evaluate(() => {
    location.hash = "#settings";
  });
  await settingsShown(page);
}

export const saved = (page, word = "Saved") =>
  until(`it says “${word}”`, async () => (await page.getByTestId("saving").first().textContent()) === word);
