/**
 * An open centre under a storm of updates, and how fast a full one opens: by the page's own frames, beside those of the
 * same page when it has nothing to do. With SLOW set it measures less, and judges only what is not time.
 */
import { badge, check, pause, run, slow, until, within } from "./kit.mjs";
import { stormPage } from "./storm.mjs";

const judges = slow === 1;
const seconds = judges ? 10 : 2;
const updates = seconds * 100;

run(async ({ stack, browser, open }) => {
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
  if (judges) within(opened.sort((a, b) => a - b)[2], 100, "a centre of 100 items opens (median of five)");

  // Through Firestore: ten commits of ten changes a second, and what the page makes of it.
  await page.evaluate(openAndMeasure);
  await page.evaluate(recordFrames);
  const start = Date.now();
  for (let n = 0; n < 20; n++) {
    const due = start + n * 100;
    if (due > Date.now()) await pause(due - Date.now());
    await stack.changeAll(
      ada,
      Array.from({ length: 10 }, (_, at) => ({
        id: `n${at}`,
        title: `Carol and ${n * 10 + at + 1} others liked A walk in the Alps`,
        revision: 2 + n,
        updatedAt: new Date(now + n * 10 + at),
      })),
    );
  }
  await page.getByText("Carol and 200 others").waitFor();
  tell(`200 updates through the emulator in ${Date.now() - start} ms`, await page.evaluate(() => window.stopFrames()));
  const rows = page.getByTestId("notification");
  check((await rows.count()) < 50, "of a long list a part is drawn", await rows.count());
  await until("the whole list", async () => {
    await rows.last().scrollIntoViewIfNeeded();
    return (await rows.count()) === 100;
  });
  check(true, "and all of it, as the reader comes to its end");
  const read = page.locator('[data-id="n60"]');
  await read.scrollIntoViewIfNeeded();
  const place = async () => Math.round((await read.boundingBox()).y);
  const was = await place();
  await stack.seed(ada, [{ id: "news", title: "Something new", updatedAt: new Date(now + 60_000) }]);
  await until("the news", async () => (await rows.first().textContent()).includes("Something new"));
  check(Math.abs((await place()) - was) <= 2, "news do not move what is being read", [was, await place()]);
  await page.context().close();

  const storm = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await storm.route("http://storm.localhost/", async route =>
    route.fulfill({ contentType: "text/html", body: await stormPage() }),
  );
  await storm.goto("http://storm.localhost/");
  await until("the page listens", () => storm.evaluate(() => "feed" in window));
  await storm.evaluate(startStorm, { now: Date.now() });
  await until("the badge", async () => (await badge(storm)) === "99+");
  const cold = await storm.evaluate(openAndMeasure);
  tell(`the first opening took ${Math.round(cold)} ms`, { frames: [], states: 0 });
  // What this machine does to a page that does nothing, for comparison.
  await storm.evaluate(recordFrames);
  await pause(seconds * 300);
  tell(`${seconds * 0.3} s of calm`, await storm.evaluate(() => window.stopFrames()));
  const devtools = await storm.context().newCDPSession(storm);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () =>
    (await devtools.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  const before = await busy();
  await storm.evaluate(recordFrames);
  const raged = await storm.evaluate(rage, { updates, seconds });
  await storm.getByText(`Carol and ${updates} others`).waitFor();
  const result = await storm.evaluate(() => window.stopFrames());
  tell(`${updates} updates in ${Math.round(raged)} ms`, result);
  const work = (await busy()) - before;
  console.log(
    `     the page's thread worked ${Math.round(work)} ms of them: ${(work / result.frames.length).toFixed(1)} ms a frame`,
  );
  if (judges) within(Math.max(...result.frames), 50, "the longest frame during the storm");
  // Where frames are rare, a timer draws twenty times a second.
  check(result.states <= result.frames.length + raged / 50, "what comes within a frame is drawn once", result.states);
});

function tell(what, { frames, states }) {
  const sorted = [...frames].sort((a, b) => a - b);
  const part = share => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  const drawn = `${states} of them drawn apart; ${frames.length} frames: median ${part(0.5)}, p99 ${part(0.99)}, longest ${part(1)} ms`;
  console.log(
    `     ${what}${frames.length > 0 ? `, ${drawn}; ${frames.filter(ms => ms > 50).length} over 50 ms` : ""}`,
  );
}

/** Runs in the page: a hundred items. */
function startStorm({ now }) {
  window.items = Array.from({ length: 100 }, (_, n) => ({
    id: `n${n}`,
    type: "post.liked",
    category: "social",
    priority: "medium",
    rank: 1,
    icon: "heart",
    title: "Carol liked A walk in the Alps",
    body: "The light is unreal.",
    actors: [
      { id: "carol", name: "Carol", imageUrl: "" },
      { id: "dave", name: "Dave", imageUrl: "" },
    ],
    actorCount: 2,
    eventCount: 2,
    target: null,
    url: `/posts/${n}`,
    actions: [],
    doneAction: null,
    createdAt: now,
    updatedAt: now - n * 60_000,
    revision: 1,
    seenAt: now,
    readAt: null,
    archivedAt: null,
    snoozedUntil: null,
    retractedAt: null,
    expireAt: null,
    why: "recipient",
    held: "",
    pending: false,
  }));
  window.feed.page({ items: window.items, fromCache: false, next: null });
}

/** Runs in the page: every update changes one item, moves it to the top, and arrives by itself. */
function rage({ updates, seconds }) {
  return new Promise(resolve => {
    const start = performance.now();
    let done = 0;
    const step = () => {
      const due = Math.min(updates, Math.floor(((performance.now() - start) / (seconds * 1000)) * updates));
      for (; done < due; done++) {
        const at = (done * 37) % 100;
        const item = window.items[at];
        window.items[at] = {
          ...item,
          title: `Carol and ${done + 1} others liked A walk in the Alps`,
          revision: item.revision + 1,
          updatedAt: Date.now(),
        };
        window.feed.page({ items: [...window.items], fromCache: false, next: null });
      }
      if (done < updates) setTimeout(step, 4);
      else resolve(performance.now() - start);
    };
    step();
  });
}

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
