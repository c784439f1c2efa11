/**
 * What a person does with their items becomes facts: a page says it with the lease that it writes anyway, the subscriber finds it in the profile at
 * the next event, and Pub/Sub brings it to BigQuery's stand-in. Nothing of it is a text or a uid.
 */
import { check, look, openCenter, row, run, until } from "./kit.mjs";

run(async ({ stack, open }) => {
  const [ada, bea, cleo] = await Promise.all(["Ada", "Bea", "Cleo"].map(name => stack.person(name)));
  const page = await open(ada);
  await until("the lease", async () => (await stack.lookingNow(ada)) === 1);
  const commits = [];
  page.on("request", request => {
    if (request.method() === "POST" && request.url().endsWith("documents:commit")) commits.push(request.postDataJSON());
  });

  const say = (actor, conversation, text, more = {}) =>
    stack.event({
      type: "message.received",
      actor: { id: actor.uid, name: actor.name },
      target: { type: "conversation", id: `${conversation}-${ada.uid}`, title: conversation, url: "/#read" },
      recipients: [ada.uid],
      data: { text },
      ...more,
    });
  const about = conversation =>
    until(`the item about ${conversation}`, async () =>
      (await stack.items(ada)).find(({ target }) => target.fields.id.stringValue.startsWith(conversation)),
    );
  await say(bea, "tea", "Tea?");
  await say(cleo, "cake", "Cake?", { actions: [{ id: "later", label: "Later" }] });
  await Promise.all([about("tea"), about("cake")]);
  await openCenter(page);
  const [tea, cake] = ["Bea", "Cleo"].map(name => row(page, name));
  await tea.getByTestId("notification-title").getByRole("link").click();
  await until("the link is followed", async () => (await about("tea")).followedAt);
  await openCenter(page);
  await cake.getByTestId("action-later").click();
  await until("the answer", async () => (await about("cake")).doneAt);
  check((await about("cake")).followedAt === undefined, "who answers has not followed the link");

  // A page tells of marks whose time it knows from the server.
  await until("the page has heard of it", async () => (await page.locator(".td-pending").count()) === 0);
  await look(page, "hidden");
  const deeds = await until("the deeds in the profile", async () => {
    const { deeds = [] } = await stack.profile(ada);
    return deeds.length >= 4 && deeds;
  });
  const paths = commits.flatMap(({ writes }) => writes.map(({ updateMask }) => updateMask.fieldPaths.join()));
  check(
    paths.some(path => path.includes("deeds")) && paths.every(path => path.startsWith("sessions.")),
    "they come with leases, and not by writes of their own",
    paths,
  );
  const stages = deeds.map(deed => deed.split(" ")[0]).sort();
  check(stages.join() === "acted,opened,seen,seen", "both were seen, one opened, one answered", deeds);

  await say(bea, "more", "More?"); // the subscriber reads the profile for it
  const uids = [ada.uid, bea.uid, cleo.uid];
  const facts = await until("the facts", async () => {
    const found = await stack.facts(
      "SELECT stage, channel, item, revision, event, type, person FROM facts_once WHERE stage IN ('seen', 'opened', 'acted')",
    );
    const own = found.filter(({ item }) => deeds.some(deed => deed.endsWith(` ${item}`)));
    return own.length >= 4 && own;
  });
  check(facts.length === 4, "each is one fact", facts);
  check(
    facts.every(({ stage, item, revision }) =>
      deeds.some(deed => deed.startsWith(stage) && deed.endsWith(` ${revision} ${item}`)),
    ),
    "of the item in the state in which it was",
    facts,
  );
  check(!uids.some(uid => JSON.stringify(facts).includes(uid)), "which names nobody");
});
