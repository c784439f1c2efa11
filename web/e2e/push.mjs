/**
 * Pushes to the package's service worker, in a browser of which every tab is closed: what the real pipeline has sent to the
 * fake FCM is delivered by the browser's own devtools, as its push service would. And while a page is open, by the demo itself.
 */
import { becomes, check, look, openCenter, row, run, until, within } from "./kit.mjs";
import { followWorker } from "./worker.mjs";

run(async ({ stack, browser, open }) => {
  const [ada, bea, cleo] = await Promise.all(["Ada", "Bea", "Cleo"].map(name => stack.person(name)));
  const phone = await browser.newContext({ permissions: ["notifications"] });
  const page = await open(ada, { context: phone });
  const target = await until("the browser is registered", async () => (await stack.devices(ada))[0]?.value);
  await stack.knows(ada, target);
  check((await stack.devices(ada)).length === 1, "a page with permission registers its browser");
  const worker = await followWorker(phone);
  const push = await pushService(phone, worker, stack.addresses.web);
  await page.close();
  await stack.advance("2m"); // if the page had no time to say that it is not in view any more, its lease is over

  const say = (actor, text) =>
    stack.event({
      type: "message.received",
      actor: { id: actor.uid, name: actor.name },
      target: { type: "conversation", id: `tea-${ada.uid}`, url: `/?person=${ada.uid}` },
      recipients: [ada.uid],
      actions: [{ id: "later", label: "Later" }],
      data: { text },
    });
  const sent = async which => {
    const found = (await stack.pushes(target)).filter(({ outcome }) => outcome === "ACCEPTED");
    return found.map(({ message }) => message.data).find(which);
  };
  await say(bea, "Tea?");
  const first = await until("FCM takes the push", () => sent(data => data.title?.includes("Bea")));
  await push(first);
  const [shown] = await worker.listed();
  check(
    shown?.title === first.title && shown.tag === first.id && shown.body === first.body,
    `with every tab closed a push is shown: "${shown.title}"`,
    shown,
  );
  check(shown.actions.join() === "Later", "with its actions", shown.actions);
  await push(first);
  check((await worker.shows()) === 1, "delivered again, it is not shown again");
  await worker.dismiss(first.id);
  const said = await until("the facts of the push", async () => {
    const found = await stack.facts(
      "SELECT stage, channel, item, revision, event, person FROM facts WHERE stage IN ('displayed', 'dismissed')",
    );
    const own = found.filter(({ item, revision }) => item === first.id && revision === first.revision);
    return own.length >= 2 && own;
  });
  check(
    said
      .map(({ stage, channel }) => `${channel} ${stage}`)
      .sort()
      .join() === "push dismissed,push displayed",
    "the worker has said that it was displayed, and closed, each once",
    said,
  );
  check(!JSON.stringify([said, first.beacon]).includes(ada.uid), "and names nobody");

  await stack.advance("2m"); // beyond the push interval
  await say(cleo, "Or coffee?");
  const second = await until("the second push", () => sent(data => data.title?.includes("Cleo")));
  check(
    Number(second.revision) > Number(first.revision) && second.id === first.id,
    "news of the group are a revision of it",
  );
  await push(second);
  const replaced = (await worker.listed()).map(({ title }) => title);
  check(replaced.join() === second.title, `which replaces what was shown: "${second.title}"`, replaced);
  await push(first);
  check((await worker.listed())[0].title === second.title, "an older one that comes late changes nothing");
  for (const nonsense of ["", "no JSON", "{}", '{"data":{"id":"x"}}', '{"data":{"id":"x","revision":"1","title":""}}'])
    await push.raw(nonsense);
  check((await worker.listed()).length === 1, "nor does what is no push of ours");

  await stack.event({
    type: "comment.created",
    actor: { id: bea.uid, name: bea.name },
    target: { type: "post", id: `cake-${ada.uid}`, title: "Cake", url: `/?person=${ada.uid}` },
    recipients: [ada.uid],
  });
  const comment = await until("the comment's push", () => sent(data => data.type === "comment.created"));

  // Read in another browser: the real withdraw function, subscriber and sender.
  const laptop = await browser.newContext();
  const other = await open(ada, { context: laptop });
  await openCenter(other);
  await row(other, "Cleo").getByTestId("mark-read").click();
  const read = performance.now();
  const withdrawn = await until("FCM takes the withdrawal", () => sent(data => data.withdraw === "true"));
  within(performance.now() - read, 2000, "read in another browser, FCM has the withdrawal");
  await push(withdrawn);
  check((await worker.listed()).length === 0, "read in another browser, it is taken away");
  await push(second);
  check((await worker.listed()).length === 0, "and a push that is later than the withdrawal does not bring it back");
  await laptop.setOffline(true);
  await row(other, "Cake").getByTestId("mark-read").click();
  await laptop.setOffline(false);
  await until("FCM takes it, of what was read without a network", () =>
    sent(data => data.withdraw === "true" && data.id === comment.id),
  );
  const ended = [second, comment].map(({ id, revision }) => `${id}-${revision}`).sort();
  check((await stack.withdrawals(ada)).join() === ended.join(), "each push was said to be over once", ended);
  await other.close();

  // A press while there is no page.
  const ask = { ...first, id: "ask", revision: "1", title: "Bea asks", url: "javascript:alert(1)" };
  await stack.seed(ada, [
    { id: "ask", priority: "high", title: "Bea asks", actions: [{ id: "later", label: "Later", url: "", style: "" }] },
  ]);
  await push(ask);
  check((await worker.listed())[0]?.links === "", "a link that is no address leads nowhere");
  await worker.press("ask", "later");
  check((await worker.listed()).length === 0, "what was pressed is gone");
  check((await stack.stored(ada, "ask")).doneAction === null, "without a page nobody can answer");
  const back = await open(ada, { context: phone });
  await until("the answer", async () => (await stack.stored(ada, "ask")).doneAction === "later");
  check(true, "the next page of the person carries it out");

  // The same item by both ways. Headless Chromium takes every page for visible, so page and worker are told otherwise.
  await worker.hide();
  await look(back, "hidden");
  await until("it is not in view any more", async () => (await stack.lookingNow(ada)) === 0);
  const before = await worker.shows();
  await stack.seed(ada, [{ id: "both", priority: "high", title: "By both ways" }]);
  await until("the page has it shown", () => worker.heard("message show both"));
  await push({ id: "both", revision: "1", priority: "high", title: "By both ways", body: "" });
  await push({ id: "race", revision: "1", priority: "high", title: "A race", body: "" });
  await stack.seed(ada, [{ id: "race", priority: "high", title: "A race" }]);
  await until("the page has told of it", () => worker.heard("message show race"));
  check(
    (await worker.shows()) - before === 2,
    "what comes by the page and by a push is shown once, whichever is first",
  );
  await becomes(async () => (await worker.badges()).at(-1) > 0, "the app's icon has a number");

  // As on a developer's machine: the demo's page hands on what the fake FCM has.
  await stack.event({
    type: "user.mentioned",
    actor: { id: bea.uid, name: bea.name },
    target: { type: "post", id: `p-${ada.uid}`, title: "Tea", url: `/?person=${ada.uid}` },
    recipients: [ada.uid],
  });
  const mention = await until("the mention's push", () => sent(data => data.type === "user.mentioned"));
  await until("it has come both ways", async () => {
    const [pushed, told] = await Promise.all(["push", "show"].map(way => worker.heard(`message ${way} ${mention.id}`)));
    return pushed > 0 && told > 0;
  });
  check(
    (await worker.listed()).some(({ tag }) => tag === mention.id),
    "the mention is shown",
  );
  check((await worker.shows()) - before === 3, "the demo's own stream takes the same path, and shows once, too");

  // Whose pushes: nothing of somebody who has signed out.
  await worker.clear();
  await back.getByTestId("sign-out").click();
  await until("the way out", async () => !back.url().includes("person="));
  check((await stack.devices(ada)).length === 0, "signing out deregisters the browser");
  await back.close();
  await push({ id: "late", revision: "1", priority: "urgent", title: "For Ada", body: "" });
  check((await worker.listed()).length === 0, "a push for somebody who has signed out is not shown to the next one");
});

/** Delivers pushes to the context's worker, and waits until it is through with them: FCM's payload around `data`, or a text as it is. */
async function pushService(context, worker, origin) {
  const blank = await context.newPage(); // no page of the site, only a place to stand
  const devtools = await context.newCDPSession(blank);
  const found = new Promise(resolve =>
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(origin) && !isDeleted);
      if (ours) resolve(ours.registrationId);
    }),
  );
  await devtools.send("ServiceWorker.enable");
  const registrationId = await found;
  const raw = async data => {
    const before = await worker.heard("push");
    await devtools.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
    await until("the worker has dealt with the push", async () => (await worker.heard("push")) > before);
  };
  const push = data => raw(JSON.stringify({ from: "0", fcmMessageId: crypto.randomUUID(), data }));
  return Object.assign(push, { raw });
}
