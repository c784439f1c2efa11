/** The demo's page: the way of an event in milliseconds, and what can be moved, cut and broken from it. */
import { clean } from "./clean.mjs";
import { becomes, check, connected, openCenter, row, run, titles, until, within } from "./kit.mjs";

const stages = ["accepted", "folded", "written", "visible", "pushed"];

run(async ({ stack, desk, page: open }) => {
  const page = await desk({ context: { viewport: { width: 1440, height: 900 } } });
  const press = id => page.getByTestId(id).click();
  const stage = async id => page.getByTestId(`stage-${id}`).locator("output").textContent();
  const way = () => Promise.all(stages.map(stage));
  const bobs = page.getByTestId("screen-bob");
  const tell = async actor => {
    await press("to-bob");
    await press(`actor-${actor}`);
    await press("do-message");
    await until("the answer", async () => (await page.getByTestId("last-status").textContent()).startsWith("202"));
  };

  // Again where the emulators took so long that the page gave up on the event.
  const seen = await until("the whole way", async () => {
    await tell("carol");
    const end = await until("its end", async () => {
      const found = await way();
      return !found.includes("…") && found;
    });
    return end.every(text => /^\d+ ms$/.test(text)) && end;
  });
  check(true, `the strip has every stage of an event: ${stages.map((id, n) => `${id} ${seen[n]}`).join(", ")}`);

  const opener = page.getByTestId("open-spans");
  await opener.focus();
  await page.keyboard.press("Enter");
  const spans = page.getByTestId("spans");
  await until("the spans of the commit and of the push", async () => {
    const names = (await spans.getByTestId("span").allTextContents()).join();
    return names.includes("Firestore/BatchWrite") && names.includes("messages:send");
  });
  const door = spans.getByTestId("span").filter({ hasText: "POST /v1/events" });
  await door.locator("summary").focus();
  await page.keyboard.press("Enter");
  await door.getByText("http.response.status_code").waitFor();
  await page.keyboard.press("Escape");
  await until("the dialog is gone", async () => !(await spans.isVisible()));
  await becomes(
    () => opener.evaluate(button => button === document.activeElement),
    "the strip opens the spans of the event, from the door to FCM, and gives the focus back",
  );

  await page.getByTestId("open-log").focus();
  await page.keyboard.press("Enter");
  const log = page.getByTestId("log");
  const decision = channel => log.getByTestId(`log-${channel}`).first().textContent();
  await until(
    "both decisions",
    async () => (await log.getByTestId("log-push").count()) === 1 && (await decision("push")).includes("pushed"),
  );
  check(
    (await decision("in_app")).includes("The inbox shows it."),
    "the strip opens the log of the event: shown, pushed, and why",
  );
  await clean(page, "the log");
  await page.setViewportSize({ width: 390, height: 800 });
  await clean(page, "the log on a narrow screen");
  const wider = await log.evaluate(dialog => dialog.scrollWidth - dialog.clientWidth);
  check(wider <= 0, "the log fits a narrow screen");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.keyboard.press("Escape");
  await until("the log is gone", async () => !(await log.isVisible()));

  await press("break-network");
  await bobs.locator('[data-testid="connection"][data-status="offline"]').waitFor();
  check(true, "the network is cut from the page, and the inbox says so");
  const before = await titles(page);
  const pushed = (await pushes(stack)).length;
  await tell("dave");
  await until("the push", async () => (await pushes(stack)).length > pushed);
  check((await titles(page)).join() === before.join(), "what happens meanwhile is pushed, and not on the screen");
  await press("break-network");
  await connected(page);
  await bobs.getByTestId("notification").filter({ hasText: "Dave" }).first().waitFor();
  await until("the news", async () => (await titles(page)).join() !== before.join());
  check(true, "mended, it is");

  const then = await stack.now();
  await press("advance-6m");
  await until("six minutes later", async () => (await stack.now()) - then >= 360_000);
  await row(bobs, "Dave").filter({ hasText: "6m ago" }).first().waitFor();
  check(true, "the clock moves by six minutes, and the times on the screens with it");

  try {
    await press("break-fcm");
    await until("the fault", async () => (await page.getByTestId("break-fcm").textContent()) === "FCM is broken");
    await tell("alice");
    await row(bobs, "Alice").filter({ hasText: "just now" }).first().waitFor();
    await until("the refused push", async () => (await pushes(stack)).some(({ outcome }) => outcome === "UNAVAILABLE"));
    check(true, "FCM is broken from the page: its push fails, and the item is on the screen");
  } finally {
    await fetch(`${stack.addresses.fcm}/faults`, { method: "DELETE" });
  }

  const second = await open({ context: page.context() });
  await second.goto(`${stack.addresses.web}/?person=bob`);
  await openCenter(second);
  await connected(second);
  await page.bringToFront(); // a page behind another one draws a frame a second
  try {
    await everybodyIsTold({ stack, page, second });
  } finally {
    await stack.endAnnouncements(); // every script's people would see it
  }
});

const title = "Comments can be edited now";

/** On two people's screens within a second; and what one of them does about it is theirs alone, in all of their tabs. */
async function everybodyIsTold({ stack, page, second }) {
  const [bobs, alices] = ["bob", "alice"].map(uid => page.getByTestId(`screen-${uid}`));
  await page.evaluate(text => {
    const screens = [...document.querySelectorAll('[data-testid="screen-bob"], [data-testid="screen-alice"]')];
    document.querySelector('[data-testid="do-announce"]').addEventListener("click", () => {
      window.toldAt = performance.now();
    });
    new MutationObserver(() => {
      if (screens.every(screen => screen.textContent.includes(text))) window.shownAt ??= performance.now();
    }).observe(document, { subtree: true, childList: true, characterData: true });
  }, title);
  await page.getByTestId("do-announce").click();
  for (const screen of [bobs, alices, second]) await row(screen, title).waitFor();
  const took = await until("both screens show it", () =>
    page.evaluate(() => window.shownAt && window.shownAt - window.toldAt),
  );
  within(took, 1000, "an announcement is on two people's screens");
  await row(bobs, title).getByTestId("mark-read").click();
  const isUnread = screen => row(screen, title).evaluate(item => item.hasAttribute("data-unread"));
  await until("it is read in both of Bob's tabs", async () => !((await isUnread(bobs)) || (await isUnread(second))));
  check(await isUnread(alices), "read by one person, in both of their tabs, it stays unread for the other");
  await clean(second, "a list with an announcement");
  await stack.endAnnouncements();
  await until("it is gone", async () => (await row(page, title).count()) + (await row(second, title).count()) === 0);
  check(true, "taken away, it is gone everywhere");
}

async function pushes(stack) {
  const answer = await fetch(`${stack.addresses.fcm}/messages`);
  return answer.json();
}
