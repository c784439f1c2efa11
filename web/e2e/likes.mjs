/** The pipeline as Bob sees it, in a real browser on a running stack: likes of one post fold into one living item. */
import { becomes, check, Failure, run, until, within } from "./kit.mjs";
import { acceptedSoFar, installRecorder, latestState, pageTime, statesSince } from "./recorder.mjs";

run(async ({ stack, desk }) => {
  const page = await desk({
    context: { viewport: { width: 1440, height: 900 } },
    before: one => one.addInitScript(installRecorder),
  });
  try {
    await likes(page, stack.addresses);
  } catch (error) {
    console.error(`Bob's screen: ${JSON.stringify(await bob(page).catch(() => "gone"))}`);
    throw error;
  }
});

async function likes(page, { web, clock }) {
  await putAway(page, "bob");
  await putAway(page, "alice");
  check(true, "Bob's inbox is open and empty, with no badge");

  // A stack that has been used before has older items: what counts is what this page's post gets.
  const before = new Set((await bob(page)).items.map(item => item.id));
  const news = async () => (await bob(page)).items.filter(item => item.type === "post.liked" && !before.has(item.id));

  const sentences = [
    ["alice", /^Alice liked /],
    ["dave", /^Dave and Alice liked /],
    ["carol", /^Carol and 2 others liked /],
  ];
  for (const [actor, sentence] of sentences) {
    const { id, took } = await like(page, actor, sentence, item => !before.has(item.id));
    within(took, 1000, `${actor}'s like is on Bob's screen after its 202`);
    const items = await news();
    check(items.length === 1 && items[0].id === id, `it is one item: "${items[0]?.title}"`, items);
    await until("the badge says 1, and so does the bell's name", async () => {
      const { badge, bell } = await bob(page);
      return badge === "1" && /\b1\b/.test(bell);
    });
    check(true, `the badge says 1, and so does the bell's name: "${(await bob(page)).bell}"`);
  }

  const [group] = await news();
  const start = await pageTime(page);
  await post(page, "dave", "like", "bob");
  // Something else, posted later and seen: by then the fourth like has had its turn.
  await post(page, "dave", "message", "alice");
  await until("Alice sees Dave's message, posted after the fourth like", async () =>
    (await latestState(page, "alice")).items.some(item => item.type === "message.received" && item.unread),
  );
  const states = await statesSince(page, "bob", start);
  const [same, ...more] = await news();
  const unchanged = ({ badge, items }) =>
    badge === "1" && items.find(item => item.id === group.id)?.title === group.title;
  check(
    more.length === 0 && same.title === group.title && states.every(unchanged),
    `a fourth like, by Dave again, changes nothing: "${same?.title}", badge 1`,
    states,
  );

  const answer = await fetch(`${clock}/advance`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by: "6m" }),
  });
  check(answer.ok, `the stack's clock moved by 6 minutes: ${(await answer.text()).trim()}`);
  const { id, took } = await like(page, "erin", /^Erin liked /, item => !before.has(item.id) && item.id !== group.id);
  within(took, 1000, "so is a like six minutes later");
  const items = await news();
  check(
    items.length === 2 && items.some(item => item.id === id) && items.some(item => item.title === group.title),
    `it opens a new item beside the old one: ${items.map(item => `"${item.title}"`).join(", ")}`,
    items,
  );
  await becomes(async () => (await bob(page)).badge === "2", "the badge says 2");
  const loads = await page.evaluate(() => performance.getEntriesByType("navigation").length);
  check(loads === 1 && page.url().startsWith(web), "the page was never reloaded");
}

function bob(page) {
  return latestState(page, "bob");
}

/** Presses the button and answers when its event was accepted, in milliseconds of the page's clock. */
async function post(page, actor, button, recipient) {
  const before = (await acceptedSoFar(page)).length;
  await page.getByTestId(`to-${recipient}`).click();
  await page.getByTestId(`actor-${actor}`).click();
  await page.getByTestId(`do-${button}`).click();
  const answers = await until(`an answer to ${actor}'s ${button}`, async () => {
    const accepted = await acceptedSoFar(page);
    return accepted.length > before && accepted;
  });
  const { at, status } = answers.at(-1);
  if (status !== 202) {
    const text = await page.getByTestId("last-event").textContent();
    throw new Failure(`${actor}'s ${button} was answered with ${status}: ${text}`);
  }
  return at;
}

/** Has `actor` like Bob's post, waits for the sentence on a fitting item, and tells how long after the 202 it was there. */
async function like(page, actor, sentence, fits) {
  const start = await pageTime(page);
  const accepted = await post(page, actor, "like", "bob");
  const shown = await until(`${sentence} on Bob's screen`, async () => {
    for (const { at, items } of await statesSince(page, "bob", start)) {
      const item = items.find(one => one.type === "post.liked" && fits(one) && sentence.test(one.title));
      if (item) return { at, id: item.id };
    }
    return null;
  });
  return { id: shown.id, took: Math.max(0, Math.round(shown.at - accepted)) };
}

/** Archives whatever is left of earlier runs, so that what is new is in sight, and waits until the inbox is empty. */
async function putAway(page, uid) {
  const screen = page.getByTestId(`screen-${uid}`);
  await screen.getByTestId("inbox-loading").waitFor({ state: "detached" });
  await until(`${uid}'s inbox is empty`, async () => {
    if ((await latestState(page, uid))?.items.length === 0) return true;
    await screen.getByTestId("panel-menu").click();
    const all = page.getByTestId("menu-archive-all");
    if (await all.isEnabled()) await all.click();
    else await page.keyboard.press("Escape");
    return false;
  });
  await until(`${uid}'s badge is gone`, async () => (await latestState(page, uid))?.badge === "");
}
