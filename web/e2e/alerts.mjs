/**
 * What reaches a person who does not look: browser notifications, sound, vibration; with a service worker and without.
 */
import { becomes, check, look, openCenter, row, run, slow, until } from "./kit.mjs";
import { followWorker } from "./worker.mjs";

const allow = { id: "allow", label: "It was me", url: "", style: "primary" };
const block = { id: "block", label: "Block it", url: "", style: "danger" };

run(async ({ stack, browser, open }) => {
  const ada = await stack.person("Ada");
  const context = await browser.newContext();
  const before = page => page.addInitScript(recordAlerts);
  const page = await open(ada, { context, before });
  await stack.seed(ada, [{ id: "early", priority: "high", title: "Bob wrote", type: "message.received" }]);
  await page.getByTestId("toast").waitFor();
  await openCenter(page);
  check((await recorded(page)).asked.length === 0, "nobody is asked for permission by news, nor by the centre");
  await page.getByTestId("panel-menu").click();
  await context.grantPermissions(["notifications"]); // the person's answer to the question that comes
  await page.getByTestId("menu-alerts").click();
  await until("the question", async () => (await recorded(page)).asked.join() === "true");
  await page.getByTestId("panel-menu").click();
  const offer = page.getByTestId("menu-alerts");
  await becomes(
    async () => (await offer.textContent()) === "Browser notifications are on",
    "but by a press, and the menu knows the answer",
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");

  await alarm("seen");
  await page.getByTestId("toast").filter({ hasText: "seen" }).waitFor();
  await decided("seen", page);
  const { sounds, vibrations } = await recorded(page);
  check(sounds > 0 && vibrations > 0, "an urgent item sounds and vibrates", { sounds, vibrations });
  check((await shownBy(page)).length === 0, "while the page is looked at there is no browser notification");

  const worker = await followWorker(context);
  const other = await open(ada, { context, before });
  await look(page, "hidden");
  await alarm("aside");
  await decided("aside", page, other);
  // It has 300 ms to go first, which a busy machine may not give it.
  if (slow === 1)
    check((await shownBy(page, other)).length === 0, "nor while another tab of the same person is looked at");
  const shownSince = async () => (await shownBy(page, other)).filter(({ tag }) => tag !== "aside");
  const onScreen = async id => {
    await until(`the worker has shown ${id}`, () => worker.heard(`message show ${id}`));
    return (await worker.listed()).find(({ tag }) => tag === id);
  };

  await look(other, "hidden");
  await alarm("away", { url: `/?person=${ada.uid}&came-from=away`, actions: [allow, block] });
  const away = await onScreen("away");
  await decided("away", page, other);
  check((await shownSince()).length === 1, "with every tab hidden, one of them shows it");
  check(away?.title === "Alarm away", "its tag is the item's id", away);
  check(away.requireInteraction, "an urgent one stays until it is answered");
  check(away.actions.join() === "It was me,Block it", "it has the item's actions", away.actions);
  await stack.seed(ada, [{ id: "calm", priority: "medium", title: "A like" }]);
  await stack.seed(ada, [{ id: "letter", priority: "high", title: "Cleo wrote", url: `/?person=${ada.uid}&letter` }]);
  await decided("letter", page, other);
  const tags = (await shownSince()).map(({ tag }) => tag);
  check(tags.join() === "away,letter", "a high one is shown, too, and a medium one is not", tags);
  const letter = await onScreen("letter");
  check(letter?.requireInteraction === false, "which leaves by itself", letter);

  await worker.press("away", "block");
  await until("the answer", async () => (await stack.stored(ada, "away")).doneAction === "block");
  check(true, "a press on an action answers the item");
  const focused = async () => (await recorded(page)).focused + (await recorded(other)).focused;
  await becomes(async () => (await focused()) > 0, "and brings the page to the front");
  await worker.press("letter", "");
  await until("the way there", () => [page, other].some(one => one.url().endsWith("&letter")));
  await until("the mark", async () => (await stack.stored(ada, "letter")).readAt !== null);
  check(true, "a press on the notification itself marks as read, and goes where the item leads");
  const left = (await worker.listed()).map(({ tag }) => tag).filter(tag => tag !== "aside");
  check(left.length === 0, "what was pressed is gone", left);

  // Without a worker, as in a product that has none.
  await context.close();
  const bare = await browser.newContext({ serviceWorkers: "block", permissions: ["notifications"] });
  const lone = await open(ada, { context: bare, before });
  await openCenter(lone);
  await lone.getByTestId("panel-menu").click();
  await lone.getByTestId("menu-sound").click();
  await becomes(
    async () => (await lone.evaluate(() => localStorage.getItem("tidings.sound"))) === "off",
    "sound has a switch, which is remembered",
  );
  check((await recorded(lone)).sounds === 0, "switching it off makes none");
  await row(lone, "Cleo wrote").waitFor();
  await look(lone, "hidden");
  await alarm("mute", { url: `/?person=${ada.uid}&mute` });
  const [mute] = await until("the notification", async () => {
    const shown = await shownBy(lone);
    return shown.length > 0 && shown;
  });
  check(
    mute.silent && (await recorded(lone)).sounds === 0 && (await recorded(lone)).vibrations === 0,
    "switched off, an urgent item makes none",
  );
  await lone.evaluate(() => window.alerts.last.dispatchEvent(new Event("click")));
  await until("the way there", () => lone.url().endsWith("&mute"));
  await until("the mark", async () => (await stack.stored(ada, "mute")).readAt !== null);
  check(true, "without a worker a press marks as read and leads there, just the same");

  async function alarm(id, fields = {}) {
    await stack.seed(ada, [{ id, priority: "urgent", title: `Alarm ${id}`, type: "security.alert", ...fields }]);
  }

  /** Waits until each of the tabs has decided about the item: it has asked for the item's lock, and that is over. */
  async function decided(id, ...tabs) {
    for (const tab of tabs)
      await until(`${id} is dealt with`, async () =>
        (await recorded(tab)).decided.some(lock => lock.startsWith(`tidings ${ada.uid} ${id} `)),
      );
  }
});

const recorded = page => page.evaluate(() => ({ ...window.alerts, last: null }));

async function shownBy(...pages) {
  const all = await Promise.all(pages.map(recorded));
  return all.flatMap(({ shown }) => shown).sort((a, b) => a.at - b.at);
}

/** Runs in the page before any of its scripts. Everything goes on to the browser itself. */
function recordAlerts() {
  const alerts = { asked: [], shown: [], sounds: 0, vibrations: 0, focused: 0, decided: [], last: null };
  Object.assign(window, { alerts });
  const note = (title, { tag, requireInteraction, silent, actions = [] }) =>
    alerts.shown.push({
      at: Date.now(),
      title,
      tag,
      requireInteraction,
      silent,
      actions: actions.map(action => action.title),
    });
  const before = (object, name, look) => {
    const real = object[name];
    object[name] = function (...given) {
      look(...given);
      return real.apply(this, given);
    };
  };
  window.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      note(title, options);
      alerts.last = this;
    }
  };
  before(Notification, "requestPermission", () => alerts.asked.push(navigator.userActivation.isActive));
  // Which the worker then shows.
  before(
    ServiceWorker.prototype,
    "postMessage",
    ({ tidings, item }) => tidings === "show" && note(item.title, { tag: item.id }),
  );
  before(AudioContext.prototype, "createOscillator", () => alerts.sounds++);
  before(Navigator.prototype, "vibrate", () => alerts.vibrations++);
  before(window, "focus", () => alerts.focused++);
  const { request } = LockManager.prototype;
  LockManager.prototype.request = async function (name, ...given) {
    const answer = await request.call(this, name, ...given);
    alerts.decided.push(name);
    return answer;
  };
}
