/** Every state of the bell, the centre, the rows, the toasts and the dialog; and what a person can do to an item. */
import { badge, becomes, check, cutOff, openCenter, openFilters, pick, row, run, titles, until } from "./kit.mjs";

const hour = 3_600_000;
const day = 24 * hour;

run(async ({ stack, open }) => {
  const blocked = await open(await stack.person("Gone"), {
    ...cutOff,
  });
  await openCenter(blocked);
  await blocked.getByTestId("inbox-loading").waitFor();
  check(true, "while loading it says so");

  const ada = await stack.person("Ada");
  const page = await open(ada);
  const bell = page.getByTestId("bell");

  await until(
    "the inbox is loaded",
    async () => (await bell.getAttribute("aria-label")) === "Notifications, nothing unread",
  );
  check(
    (await bell.getAttribute("data-new")) === null && (await badge(page)) === "",
    "the bell is grey and bare when nothing is there",
  );
  await openCenter(page);
  await page.getByTestId("inbox-empty").waitFor();
  check(true, "an empty inbox says so");
  check(await page.getByTestId("mark-all-read").isDisabled(), "and offers nothing to mark");
  await page.keyboard.press("Escape");

  const now = await stack.now();
  const ago = ms => new Date(now - ms);
  await stack.seed(ada, [
    {
      id: "u",
      priority: "urgent",
      title: "Checkout is down",
      category: "incidents",
      icon: "incident",
      updatedAt: ago(0),
      type: "incident.opened",
    },
    {
      id: "h",
      priority: "high",
      title: "Bob mentioned you",
      type: "user.mentioned",
      icon: "mention",
      updatedAt: ago(5 * 60_000),
      body: "Look at the harbour",
      actors: [{ id: "bob", name: "Bob", imageUrl: "" }],
    },
    {
      id: "f",
      priority: "high",
      title: "Cleo wants to be your friend",
      type: "friend.requested",
      updatedAt: ago(3 * hour),
      actors: [{ id: "cleo", name: "Cléo", imageUrl: "" }],
      actions: [
        { id: "accept", label: "Accept", url: "", style: "primary" },
        { id: "decline", label: "Decline", url: "", style: "" },
      ],
    },
    {
      id: "m",
      title: "Carol and 2 others liked your post",
      url: "/posts/1",
      updatedAt: ago(2 * day),
      actors: [
        { id: "carol", name: "Carol", imageUrl: "" },
        { id: "dave", name: "Dave", imageUrl: "" },
      ],
    },
    {
      id: "l",
      priority: "low",
      title: "We have moved",
      category: "system",
      icon: "announcement",
      updatedAt: ago(9 * day),
    },
  ]);
  await until("the badge says 4", async () => (await badge(page)) === "4");
  check(true, "the badge counts what is unread, and not what is low");
  await becomes(
    async () => (await bell.getAttribute("data-new")) !== null && (await bell.getAttribute("data-urgent")) !== null,
    "the bell is coloured, and urgent",
  );
  await becomes(
    async () => (await bell.getAttribute("aria-label")) === "Notifications, 4 unread, urgent",
    "its name says so",
  );
  await until("three toasts", async () => (await page.getByTestId("toast").count()) === 3);
  check(true, "what has arrived and is loud makes toasts");

  await openCenter(page);
  await row(page, "We have moved").waitFor();
  check(
    (await titles(page)).join("|") ===
      "Checkout is down|Cleo wants to be your friend|Bob mentioned you|Carol and 2 others liked your post|We have moved",
    "what is urgent or unanswered first, then the newest",
    await titles(page),
  );
  const times = await page.locator("article time").allTextContents();
  check(
    times[1] === "3h ago" && times[2] === "5m ago" && times[3] === "2d ago",
    `times are relative: ${times.join(", ")}`,
  );
  check((await row(page, "Carol").locator(".td-avatar").count()) === 2, "two actors are stacked");
  check(
    (await row(page, "Checkout").locator(".td-priority").textContent()).includes("Urgent"),
    "urgent says so in words",
  );
  await until("seen clears the bell's colour", async () => (await bell.getAttribute("data-new")) === null);
  check((await badge(page)) === "4", "seen takes the colour from the bell, not the number");

  const top = async title => (await row(page, title).boundingBox()).y;
  const below = await top("We have moved");
  await row(page, "Carol").getByTestId("mark-read").click();
  await until("the badge says 3", async () => (await badge(page)) === "3");
  check((await top("We have moved")) === below, "a mark moves no other row");
  check((await stored(stack, ada, "m", "readAt")) && true, "read is stored");
  await pick(page, "Carol", "unread");
  await until("the badge says 4 again", async () => (await badge(page)) === "4");
  check(true, "unread again, from the menu");

  await row(page, "Cleo").getByTestId("action-accept").click();
  await row(page, "Cleo").getByTestId("done").waitFor();
  check((await row(page, "Cleo").getByTestId("done").textContent()) === "Done: Accept", "an action has a done state");
  await until("the answer is stored", async () => (await stack.stored(ada, "f")).doneAction === "accept");
  await becomes(async () => (await badge(page)) === "3", "and reads the item");

  await pick(page, "Carol", "snooze-tomorrow");
  await row(page, "Carol").waitFor({ state: "detached" });
  await becomes(async () => (await badge(page)) === "2", "a snoozed item is gone, and from the badge too");
  await page.getByTestId("tab-snoozed").click();
  await row(page, "Carol").getByTestId("snoozed-until").waitFor();
  check(true, "a snoozed item has a place where it is listed, with the time");
  await page.getByTestId("tab-all").click();
  const until9 = new Date(await stored(stack, ada, "m", "snoozedUntil"));
  check(until9 > new Date(), `until ${until9.toISOString()}`);

  await pick(page, "Bob mentioned", "archive");
  await row(page, "Bob mentioned").waitFor({ state: "detached" });
  await page.keyboard.press("z");
  await row(page, "Bob mentioned").waitFor();
  check(true, "z takes an archive back");
  await row(page, "Bob mentioned").focus();
  await page.keyboard.press("e");
  await row(page, "Bob mentioned").waitFor({ state: "detached" });
  await page.getByTestId("tab-archived").click();
  await row(page, "Bob mentioned").waitFor();
  check(true, "archived items are in their tab");
  await pick(page, "Bob mentioned", "unarchive");
  await page.getByTestId("inbox-empty").waitFor();
  await page.getByTestId("tab-mentions").click();
  await becomes(
    async () => (await titles(page)).join() === "Bob mentioned you",
    "moved back, it is among the mentions again",
  );

  await page.getByTestId("tab-unread").click();
  await until("two unread", async () => (await titles(page)).length === 3);
  check(true, "the unread tab has what is unread, low included");
  await page.getByTestId("tab-all").click();
  await openFilters(page);
  await page.getByTestId("category").selectOption("system");
  await until("one of the category", async () => (await titles(page)).join() === "We have moved");
  check(true, "a category filters");
  await page.getByTestId("category").selectOption("");
  for (const [words, found] of [
    ["harbour", "Bob mentioned you"],
    ["cleo", "Cleo wants to be your friend"],
    ["checkout DOWN", "Checkout is down"],
  ]) {
    await page.getByTestId("search").fill(words);
    await until(`the search for ${words}`, async () => (await titles(page)).join() === found);
    check(true, `the search for "${words}" finds "${found}" (bodies, actors, titles)`);
  }
  await page.getByTestId("search").fill("nothing of the kind");
  await page.getByTestId("inbox-no-match").waitFor();
  check(true, "a search without a match says so");
  await page.getByTestId("search").fill("");

  await page.getByTestId("mark-all-read").click();
  await until("the badge is gone", async () => (await badge(page)) === "");
  check(true, "all read: no badge");
  await page.getByTestId("panel-menu").click();
  await page.getByTestId("menu-archive-all").click();
  await page.getByTestId("inbox-empty").waitFor();
  check(true, "all archived: empty");

  const eve = await stack.person("Eve");
  const many = Array.from({ length: 230 }, (_, n) => ({
    id: `n${n}`,
    title: `Item ${n}`,
    updatedAt: ago(n * 60_000),
    seenAt: ago(0),
  }));
  await stack.seed(eve, many);
  const full = await open(eve);
  await until("the badge", async () => (await badge(full)) === "99+");
  await openCenter(full);
  const last = async title => {
    await until(title, async () => {
      await full.locator('article[tabindex="0"]').first().focus();
      await full.keyboard.press("End");
      return row(full, title).isVisible();
    });
  };
  await last("Item 99");
  await full.getByTestId("load-more").click();
  await last("Item 199");
  await full.getByTestId("load-more").click();
  await full.getByTestId("load-more").waitFor({ state: "detached" });
  await last("Item 229");
  check(
    (await row(full, "Item 229").getAttribute("aria-setsize")) === "230",
    "a hundred items at first, older ones on demand, to the last of 230",
  );
  check((await full.locator(".td-count").textContent()) === "99+", "the tab says as much as the bell");
  check(
    (await full.getByTestId("bell").getAttribute("aria-label")) === "Notifications, 99+ unread",
    "and the bell's name says no more",
  );
  await full.getByTestId("panel-menu").click();
  await full.getByTestId("menu-archive-all").click();
  // It stands for ten seconds, in which a busy machine may draw little: so this is looked for first.
  await until("all are archived", () =>
    full.evaluate(() =>
      document.querySelector('[data-testid="notice"]')?.textContent.startsWith("230 items archived."),
    ),
  );
  check(true, "archive all says how many");
  await full.getByTestId("undo").click();
  await until("all are back", async () => (await badge(full)) === "99+");
  await until("stored, too", async () => (await stack.stored(eve, "n229")).archivedAt === null);
  await until("all are listed", async () => {
    await full.locator('article[tabindex="0"]').first().focus();
    await full.keyboard.press("Home");
    return (await row(full, "Item 0").getAttribute("aria-setsize")) === "230";
  });
  check(true, "and can be undone");
  await full.getByTestId("mark-all-read").click();
  await until("the oldest is read, too", async () => (await stack.stored(eve, "n229")).readAt !== null);
  await becomes(async () => (await badge(full)) === "", "mark all read reaches every one of 230");
  await full.context().close();

  await blocked.getByTestId("inbox-error").waitFor();
  check(true, "when nothing answers it says so, and offers to try again");
  await blocked.context().close();
});

async function stored(stack, person, id, field) {
  return until(`${field} of ${id}`, async () => (await stack.stored(person, id))?.[field]);
}
