/**
 * Who has the app in view is told there and not by a push, for as long as that is so, and no longer: also when the browser is
 * killed. And people who share an audience see each other come, type and go. It moves the clock of all.
 */
import { findChromium, launchToKill } from "./browser.mjs";
import { becomes, check, cutPlaceholders, look, run, until } from "./kit.mjs";

run(async ({ stack, open }) => {
  const [ada, bea, mallory] = await Promise.all(["Ada", "Bea", "Mallory"].map(name => stack.person(name)));
  await stack.join("harbour", ada, bea);
  const phone = await stack.phone(ada);
  const doomed = await launchToKill(findChromium());
  try {
    await play();
  } finally {
    await doomed.kill();
  }

  async function play() {
    const beas = await open(bea, { others: [ada] });
    const mallorys = await open(mallory, { others: [ada] });
    const there = page => page.getByTestId(`there-${ada.uid}`);
    const context = await doomed.browser.newContext();
    const opened = Date.now();
    const writes = [];
    context.on("request", request => isCommit(request) && writes.push(request.postDataJSON().writes[0].update?.name));
    const page = await open(ada, { context, others: [bea] });
    await until("the lease", async () => (await stack.inView(ada)).length === 1);
    await there(beas).waitFor();
    check(true, "a page in view takes a lease, and a colleague sees that its person is there");

    await tell(bea, "tea", "Tea?");
    await page.getByTestId("toast").filter({ hasText: "Bea" }).waitFor();
    const tea = await until("the item", () => about("tea"));
    check(tea.held === "presence" && tea.seenAt === null, "with the app in view there is a toast, and no push", tea);

    // What is on the screen.
    await page.getByTestId(`post-${bea.uid}`).click();
    const target = await page.evaluate(() => location.hash.slice(1));
    await until("what is on the screen", async () => (await stack.inView(ada))[0]?.target === target);
    const post = target.slice("post/".length);
    await mention(post);
    const looked = await until("the mention", () => about(post));
    check(looked.seenAt !== null, "news of what is on the screen are seen as they come");
    const { width, height } = page.viewportSize();
    await page.setViewportSize({ width: 320, height: 568 });
    const cut = await cutPlaceholders(page);
    check(cut.length === 0, "what the place to write says is not cut on a narrow screen", cut);
    await page.setViewportSize({ width, height });
    await page.getByTestId("write").pressSequentially("Lovely");
    await beas.locator(`[data-testid="there-${ada.uid}"][data-typing]`).waitFor();
    await beas.locator(`[data-testid="there-${ada.uid}"]:not([data-typing])`).waitFor();
    check(true, "a colleague sees her type, and stop");
    await page.getByTestId("all-posts").click();
    await until(
      "nothing in particular",
      async () => !(await stack.inView(ada)).at(0)?.target && (await stack.inView(ada)).length === 1,
    );
    await mention("another-post");
    const elsewhere = await until("the other mention", () => about("another-post"));
    check(elsewhere.seenAt === null && elsewhere.held === "presence", "those of what is not on the screen are not");
    check((await stack.pushes(phone)).length === 0, "nothing of all that was pushed");
    check((await there(mallorys).count()) === 0, "who is in no audience with her does not see her");

    const renewals = Math.floor((Date.now() - opened) / 40_000);
    const toProfile = writes.filter(name => name?.endsWith(`/users/${ada.uid}`)).length;
    check(
      toProfile >= 3 && toProfile <= 3 + renewals,
      "each change of what is on the screen was one write, and each renewal",
      { toProfile, renewals },
    );

    await doomed.kill();
    const [lease] = await stack.inView(ada);
    const left = Date.parse(lease.expiresAt) - (await stack.now());
    check(
      left > 0 && left <= 61_000,
      `the browser is killed: the lease lasts for another ${Math.round(left / 1000)} s`,
    );
    await tell(bea, "late", "Still there?");
    await until("the item", () => about("late"));
    check((await stack.pushes(phone)).length === 0, "until then there is no push");
    await stack.advance("62s"); // a page follows the clock to the second
    const pushed = await until("the push", async () => (await stack.pushes(phone))[0]);
    const { title, body } = pushed.message.android.notification;
    check(
      pushed.outcome === "ACCEPTED" && title === "3 notifications while you were away" && body.includes("Bea"),
      "60 seconds after a kill -9 of the browser all that was held comes as one push",
      { title, body },
    );
    await there(beas).waitFor({ state: "detached" });
    check(true, "and a colleague sees that she is gone");

    // Given back, not run out. By a clock that was moved: leases follow it.
    await stack.leaveLeases(ada, 19); // with that of the killed browser, all places are taken
    const again = await open(ada, { others: [bea] });
    await there(beas).waitFor();
    await until("the lease", async () => (await stack.lookingNow(ada)) === 1);
    await becomes(
      async () => (await stack.inView(ada)).length === 1,
      "where pages that died have left no place, the next page clears them away",
    );
    const busy = new Set(); // as Firestore is while somebody else writes the document
    await again.route("**/documents:commit", route => {
      const { delete: gone, update } = route.request().postDataJSON().writes[0];
      const last = gone ?? (update.fields?.sessions ? null : update.name);
      const first = last !== null && !busy.has(last);
      if (last !== null) busy.add(last);
      return first ? route.fulfill({ status: 409 }) : route.continue();
    });
    await look(again, "hidden");
    // One that has run out would still be listed.
    await until("it is given back", async () => (await stack.inView(ada)).length === 0);
    await there(beas).waitFor({ state: "detached" });
    check(busy.size === 2, "a page that is hidden gives its leases back, also if Firestore is busy at first", [
      ...busy,
    ]);
    await look(again, "visible");
    await there(beas).waitFor();
    const before = Date.now();
    await again.close();
    await until("she is gone", async () => (await there(beas).count()) === 0, 90_000);
    check(true, `and when a page closes, its person is gone after ${Date.now() - before} ms`);
  }

  /** Firestore's SDK writes by other requests. */
  function isCommit(request) {
    return request.method() === "POST" && request.url().endsWith("documents:commit");
  }

  function tell(actor, conversation, text) {
    return stack.event({
      type: "message.received",
      actor: { id: actor.uid, name: actor.name },
      target: { type: "conversation", id: `${conversation}-${ada.uid}`, url: "/" },
      recipients: [ada.uid],
      data: { text },
    });
  }

  function mention(id) {
    return stack.event({
      type: "user.mentioned",
      actor: { id: bea.uid, name: bea.name },
      target: { type: "post", id, title: "A post", url: "/" },
      recipients: [ada.uid],
    });
  }

  /** Ada's item about that target, as it is stored. */
  async function about(id) {
    const items = await stack.items(ada);
    return items.find(({ target }) => target.fields.id.stringValue.startsWith(id));
  }
});
