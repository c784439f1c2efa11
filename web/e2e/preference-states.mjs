import { pick, row } from "./kit.mjs";
import { openPreferences, settingsShown } from "./settings.mjs";

/** Pictures of the preferences, from the open centre with the row of that title; ends in the centre, with its list. */
export async function preferenceStates(page, title, take) {
  await pick(page, title, "mute");
  await page.getByTestId("menu-mute-ever").waitFor();
  await take("mute");
  await page.getByTestId("menu-mute-ever").click();
  await page.getByTestId("notice").hover(); // its time stops, however long a picture takes
  await take("muted");
  await page.getByTestId("notice-close").click();
  await pick(page, title, "why");
  await page.getByTestId("alike").filter({ hasText: "7" }).waitFor();
  await take("why");
  await page.getByTestId("why-mute").click();
  await page.getByTestId("menu-mute-week").click();
  await page.getByTestId("why").getByTestId("notice").hover();
  await take("why-muted");
  await page.getByTestId("why").getByTestId("notice-close").click();
  await page.keyboard.press("Escape");
  await openPreferences(page);
  await countsKnown(page);
  await take("preferences");
  await page.getByTestId("quiet-enabled").click();
  await page.getByTestId("quiet-sun").waitFor();
  await page.getByTestId("setting-quiet").evaluate(setting => setting.scrollIntoView());
  await take("preferences-quiet");
  await page.getByTestId("digest-every").selectOption("week");
  await page.getByTestId("digest-on").waitFor();
  await page.getByTestId("setting-digest").evaluate(setting => setting.scrollIntoView({ block: "center" }));
  await take("preferences-digest");
  await page.getByTestId("language").scrollIntoViewIfNeeded();
  await page.getByTestId("mute").waitFor();
  await take("preferences-end");
  await page.getByTestId("preferences-back").click();
  await row(page, title).waitFor();
  await pick(page, title, "less");
  await settingsShown(page);
  await countsKnown(page);
  await take("less");
  await page.keyboard.press("Escape");
  await row(page, title).waitFor();
}

/** Waits until it says how often each category came lately. */
function countsKnown(page) {
  return page.getByTestId("lately-social").filter({ hasText: "7" }).waitFor();
}
