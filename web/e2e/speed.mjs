/** An open centre under a storm of updates, and how fast a full one opens: by the page's own frames. */
import { badge, check, run, slow, until, within } from "./kit.mjs";

const updates = 1000;
const seconds = 10;

run(async ({ stack, open }) => {
  const ada = await stack.person("Ada");
  const now = await stack.now();
  const items = Array.from({ length: 100 }, (_, n) => ({
    id: `n${n}`,
    title: `Carol and ${n + 1} others liked A walk in the Alps`,
    body: "The light is unreal.",
    url: `/posts/${n}`,
    updatedAt: new Date(now - n * 60_000),
    seenAt: new Date(now),
    actors: [
      { id: "carol", name: "Carol", imageUrl: "" },
      { id: "dave", name: "Dave", imageUrl: "" },
    ],
  }));
  await stack.seed(ada, items);
  const page = await open(ada, { context: { viewport: { width: 1280, height: 860 } } });
  await until("the badge", async () => (await badge(page)) === "99+");

  const opened = [];
  for (let n = 0; n < 5; n++) {
    opened.push(await page.evaluate(openAndMeasure));
    await page.keyboard.press("Escape");
    await page.getByTestId("inbox").waitFor({ state: "detached" });
  }
  console.log(`     from the press to the frame with the rows: ${opened.map(Math.round).join(", ")} ms`);
  within(opened.sort((a, b) => a - b)[2], 100, "a centre of 100 items opens (median of five)");

  await page.evaluate(openAndMeasure);
  await page.evaluate(recordFrames);
  const start = Date.now();
  const under = new Set();
  for (let n = 0; n < updates; n++) {
    const due = start + (n * seconds * 1000) / updates;
    if (due > Date.now()) await new Promise(resolve => setTimeout(resolve, due - Date.now()));
    const change = stack.change(ada, `n${n % 50}`, {
      title: `Carol and ${n + 2} others liked A walk in the Alps`,
      revision: 2 + n,
      actorCount: n + 3,
      updatedAt: new Date(now + n),
    });
    under.add(change.finally(() => under.delete(change)));
    if (under.size >= 8) await Promise.race(under);
  }
  await Promise.all(under);
  const wrote = Date.now() - start;
  await page.getByText(`Carol and ${updates + 1} others`).waitFor();
  const { frames, states } = await page.evaluate(() => window.stopFrames());
  const sorted = [...frames].sort((a, b) => a - b);
  const part = share => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  console.log(
    `     ${updates} updates in ${wrote} ms, ${states} of them drawn apart; ${frames.length} frames: median ${part(0.5)}, p99 ${part(0.99)}, longest ${part(1)} ms; ${frames.filter(ms => ms > 50).length} over 50 ms`,
  );
  within(wrote, seconds * 1000 + 500, `${updates} updates are written`);
  within(part(1), 50, "the longest frame during the storm");
  check(frames.length >= (seconds * 10) / slow, "the page kept drawing", frames.length);
});

/** Runs in the page. Milliseconds from the press on the bell to the frame after the one that has the rows. */
function openAndMeasure() {
  return new Promise(resolve => {
    const start = performance.now();
    document.querySelector('[data-testid="bell"]').click();
    const look = () => {
      if (document.querySelector('[data-testid="notification"]'))
        requestAnimationFrame(() => resolve(performance.now() - start));
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Runs in the page. Collects how long each frame took until `stopFrames`. */
function recordFrames() {
  const frames = [];
  let states = 0;
  let last = performance.now();
  let running = true;
  const observer = new MutationObserver(() => states++);
  observer.observe(document.querySelector('[data-testid="inbox"]'), {
    subtree: true,
    childList: true,
    characterData: true,
  });
  const tick = now => {
    frames.push(now - last);
    last = now;
    if (running) requestAnimationFrame(tick);
  };
  requestAnimationFrame(now => {
    last = now;
    requestAnimationFrame(tick);
  });
  window.stopFrames = () => {
    running = false;
    observer.disconnect();
    return { frames, states };
  };
}
