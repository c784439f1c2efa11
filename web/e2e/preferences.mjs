/**
 * A person says what reaches them: on the screen of the preferences and on an item's menu, by keyboard and by touch, offline, in two
 * tabs and in two languages; and the functions do as they say.
 */
import { clean } from "./clean.mjs";
import { becomes, check, focused, look, openCenter, pick, row, run, titles, until } from "./kit.mjs";
import { openPreferences, openSettingsPage, saved, settingsShown, walkTo } from "./settings.mjs";

const minute = 60_000;

run(async ({ stack, browser, open }) => {
  const [ada, bea] = await Promise.all(["Ada", "Bea"].map(name => stack.person(name)));
  const laptop = await browser.newContext({ reducedMotion: "reduce", timezoneId: "Europe/Berlin" });
  const page = await open(ada, { context: laptop });
  await byKeyboard({ stack, ada, page });
  await twoTabs({ stack, ada, page, second: await open(ada, { context: laptop }) });
  await offline({ stack, ada, page });
  await page.close();
  await byTouch({ stack, ada, browser, open });
  await untilTheFunctions({ stack, ada: await stack.person("Ada"), bea, open });
});

/** What the person has said, as it is stored. */
async function said({ stack, ada }, ...path) {
  const answer = await stack.profile(ada);
  return path.reduce((value, name) => value?.[name], answer);
}

/** From the bell to a choice and back, without a pointer. */
async function byKeyboard({ stack, ada, page }) {
  await page.getByTestId("bell").focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("inbox").waitFor();
  await walkTo(page, "open-preferences", "Shift+Tab");
  await page.keyboard.press("Enter");
  await settingsShown(page);
  check((await focused(page)) === "H2", "a key opens the preferences in the centre; the focus is on the heading");
  await walkTo(page, "choose-social-push");
  await page.keyboard.press("Space");
  await saved(page);
  check(
    (await said({ stack, ada }, "preferences", "push", "social")) === false,
    "a choice is saved at once, and says so",
  );
  const described = await page.locator("fieldset.td-setting").evaluateAll(settings =>
    settings.map(setting => {
      const text = setting.querySelector("legend + p");
      return text?.role === "status" || !text || setting.getAttribute("aria-describedby") === text.id;
    }),
  );
  check(
    described.length === 7 && described.every(Boolean),
    "what a setting does describes it, and its state is said",
    described,
  );
  await clean(page, "the preferences in the centre");
  await page.keyboard.press("Escape");
  await until("the focus", async () => (await focused(page)) === "open-preferences");
  check((await page.getByTestId("inbox").count()) === 1, "Escape leads back to the list, and the focus to the button");

  await openPreferences(page);
  await walkTo(page, "quiet-enabled");
  await page.keyboard.press("Space");
  await page.getByTestId("quiet-mon").waitFor();
  const ends = await page
    .getByTestId("quiet-to")
    .evaluateAll(fields =>
      fields.map(field => document.getElementById(field.getAttribute("aria-describedby"))?.textContent),
    );
  check(
    ends.length === 7 && ends.every(end => end === "next day"),
    "an end on the next day says so at its field",
    ends,
  );
  await walkTo(page, "quiet-from");
  await page.keyboard.type("1130PM");
  await page.keyboard.press("Enter");
  await walkTo(page, "quiet-remove");
  const ranges = async day => (await said({ stack, ada }, "quietHours", "week", day))?.join();
  await until("the range is stored", async () => (await ranges("mon")) === "23:30-07:00");
  check((await said({ stack, ada }, "timeZone")) === "Europe/Berlin", "quiet hours are by this device's clock");
  await walkTo(page, "quiet-every-day");
  await page.keyboard.press("Enter");
  await becomes(async () => (await ranges("sun")) === "23:30-07:00", "every day like the first, by one press");

  await walkTo(page, "pushes-per-hour");
  await page.keyboard.type("No more than 5");
  await becomes(async () => (await said({ stack, ada }, "pushesPerHour")) === "5", "keys limit the pushes an hour");
  await walkTo(page, "digest-every");
  await page.keyboard.type("Weekly");
  await page.getByTestId("digest-at").waitFor();
  await walkTo(page, "digest-on");
  await page.keyboard.type("Fri");
  await walkTo(page, "digest-at");
  await page.keyboard.type("6:00 PM");
  const digest = async () =>
    Object.entries((await said({ stack, ada }, "digest")) ?? {})
      .sort()
      .join();
  await becomes(async () => (await digest()) === "at,18:00,every,week,on,fri", "keys choose when the digest goes");
  const says = await page.getByTestId("setting-digest").locator("p").textContent();
  check(says.includes("every Friday at 6:00 PM (Europe/Berlin)"), "it says when, and by whose clock", says);
}

/** The settings page beside the centre, in another tab. */
async function twoTabs({ stack, ada, page, second }) {
  await openSettingsPage(second);
  const choice = second.getByTestId("choose-social-push");
  check(!(await choice.isChecked()), "another tab shows what was chosen");
  await choice.check();
  await saved(second);
  await page.bringToFront();
  await becomes(async () => page.getByTestId("choose-social-push").isChecked(), "and what is chosen there shows here");
  check(
    (await said({ stack, ada }, "preferences", "push", "social")) === undefined,
    "the catalogue's default is no choice",
  );
  await second.getByTestId("choose-social-in_app").uncheck();
  await becomes(
    async () => second.getByTestId("choose-social-push").isDisabled(),
    "what is off in the app has no pushes to choose",
  );
  await second.getByTestId("choose-social-in_app").check();
  check((await second.getByTestId("digest-on").inputValue()) === "fri", "another tab shows the digest that was chosen");
  check((await second.getByTestId("pushes-per-hour").inputValue()) === "5", "another tab shows the limit of pushes");
  await second.getByTestId("pushes-per-hour").selectOption("");
  await becomes(async () => (await said({ stack, ada }, "pushesPerHour")) === undefined, "a limit can be taken back");
  await second.getByTestId("digest-every").selectOption("day");
  await page.getByTestId("digest-on").waitFor({ state: "detached" });
  check(
    (await page.getByTestId("digest-at").inputValue()) === "18:00",
    "daily it has its hour and no day, in both tabs",
  );
  await clean(second, "the settings page");
  await second.getByTestId("digest-every").selectOption("");
  await becomes(async () => (await said({ stack, ada }, "digest")) === undefined, "nobody gets one who wants none");
  await second.close();
}

/** Without a network a change waits, and is sent when there is one. */
async function offline({ stack, ada, page }) {
  await page.context().setOffline(true);
  await page.getByTestId("disturb-ever").click();
  await saved(page, "Waiting for the network");
  check(
    (await page.getByTestId("disturb-state").getAttribute("data-on")) !== null,
    "offline a change shows, and says that it waits",
  );
  check((await said({ stack, ada }, "doNotDisturb")) === undefined, "nothing of it has reached the server");
  await page.context().setOffline(false);
  await saved(page);
  check((await said({ stack, ada }, "doNotDisturb", "enabled")) === true, "with the network it is saved");
  await page.getByTestId("disturb-off").click();
  await becomes(async () => !(await said({ stack, ada }, "doNotDisturb"))?.enabled, "so is what takes it back");
}

/** On a phone, in German. */
async function byTouch({ stack, ada, browser, open }) {
  await stack.mute(ada, "post/harbour", { title: "Harbour at dawn" });
  const context = await browser.newContext({
    viewport: { width: 320, height: 640 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: "reduce",
  });
  const page = await open(ada, { context, query: "&lang=de" });
  await page.getByTestId("bell").tap();
  await page.getByTestId("open-preferences").tap();
  await settingsShown(page);
  check(
    (await page.getByRole("heading", { level: 2 }).textContent()) === "Einstellungen für Mitteilungen",
    "in German, too",
  );
  await page.getByTestId("disturb-hours").tap();
  await saved(page, "Gespeichert");
  await page.getByTestId("unmute").tap();
  await page.getByTestId("mute").waitFor({ state: "detached" });
  await page.getByTestId("undo").tap();
  await page.getByTestId("mute").waitFor();
  await becomes(
    async () => (await said({ stack, ada }, "mutes"))["post/harbour"] !== undefined,
    "a mute that is taken back can be undone",
  );
  const wide = await page.evaluate(() => document.querySelector('[data-testid="preferences"] .td-scroll').scrollWidth);
  check(wide <= 320, `nothing is wider than the phone: ${wide} px`);
  await clean(page, "on a phone, in German");
  await page.setViewportSize({ width: 320, height: 256 });
  await clean(page, "at 400 %");
  await context.close();
}

/** Mute, less, why, do not disturb: as an item's menu leads to them, and as the subscriber follows them. */
async function untilTheFunctions({ stack, ada, bea, open }) {
  const phone = await stack.phone(ada);
  const page = await open(ada);
  await look(page, "hidden"); // who has the app in view gets no pushes
  await until("nobody looks", async () => (await stack.lookingNow(ada)) === 0);
  const say = (type, target, text) =>
    stack.event({
      type,
      actor: { id: bea.uid, name: bea.name },
      target: { ...target, id: `${target.id}-${ada.uid}` },
      recipients: [ada.uid],
      data: { text },
    });
  const post = { type: "post", id: "42", title: "A walk" };
  const talk = id => ({ type: "conversation", id, title: "Tea" });
  const pushed = async () => (await stack.pushes(phone)).filter(({ outcome }) => outcome === "ACCEPTED").length;
  const item = async id =>
    (await stack.items(ada)).find(({ target }) => target?.fields?.id?.stringValue === `${id}-${ada.uid}`);

  await say("comment.created", post, "Nice!");
  await until("the first push", async () => (await pushed()) === 1);
  await openCenter(page);
  await row(page, "Bea").waitFor();
  await pick(page, "Bea", "mute");
  await page.getByTestId("menu-mute-week").click();
  await page.getByTestId("notice").waitFor();
  check(
    (await page.getByTestId("notice").textContent()).startsWith("“A walk” muted."),
    "an item's menu mutes what it is about",
  );
  const key = `post/42-${ada.uid}`;
  const end = await until("the mute", async () => (await said({ stack, ada }, "mutes"))?.[key]);
  check(Math.abs(Date.parse(end.until) - (await stack.now()) - 7 * 24 * 60 * minute) < minute, "for a week");
  await say("post.liked", post, "");
  await until("the like", async () => (await stack.items(ada)).length === 2);
  check((await titles(page)).length === 1 && (await pushed()) === 1, "then a like makes no row and no push");
  await page.getByTestId("tab-archived").click();
  await row(page, "liked").getByTestId("muted").waitFor();
  check(true, "it is in the archive, and says that it is muted");
  await pick(page, "liked", "why");
  const why = page.getByTestId("why");
  check(
    (await why.textContent()).includes("you have muted what it is about"),
    "its menu says why",
    await why.textContent(),
  );
  await clean(page, "why");
  await why.getByTestId("why-change").click();
  await page.getByTestId("mute").waitFor();
  await becomes(async () => (await focused(page)) === "unmute", "“Change this” leads to the mute");
  await page.keyboard.press("Escape");
  await page.getByTestId("tab-all").click();

  await pick(page, "Bea", "less");
  await until("the focus", async () => (await focused(page)) === "choose-social-in_app");
  check(true, "“Less of this” leads to its category");
  const backgrounds = await page
    .locator("tr[data-place]")
    .evaluateAll(rows => rows.map(one => getComputedStyle(one).backgroundColor));
  check(new Set(backgrounds).size === 2, "which is marked, also for who has come with a pointer", backgrounds);
  const messages = () => said({ stack, ada }, "preferences", "push", "messages");
  const disturbNot = () => said({ stack, ada }, "doNotDisturb", "enabled");
  // What is stored is asked for: of several changes, “Saved” may still be about the one before.
  await page.getByTestId("choose-messages-push").uncheck();
  await until("it is stored", async () => (await messages()) === false);
  await say("message.received", talk("one"), "Tea?");
  const unwanted = await until("the message", () => item("one"));
  check(
    unwanted.held === "preference" && (await pushed()) === 1,
    "a category's push that is off is not sent",
    unwanted.held,
  );
  await page.getByTestId("choose-messages-push").check();
  await page.getByTestId("disturb-ever").click();
  await until("both are stored", async () => (await messages()) === undefined && (await disturbNot()) === true);
  await say("message.received", talk("two"), "Coffee?");
  const held = await until("the message", () => item("two"));
  check(
    held.held === "do_not_disturb" && (await pushed()) === 1,
    "while nobody may disturb, a push is held",
    held.held,
  );
  await page.getByTestId("disturb-off").click();
  await until("it is stored", async () => !(await disturbNot()));
  await stack.advance("1m");
  await becomes(async () => (await pushed()) === 2, "and goes out within a minute of when they may again");
}
