/** The components as elements of a page without React, drawn by Preact as in the package: what differs from React's. */
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { loadConfigFromFile } from "vite";
import { becomes, check, focused, pick, row, run, until } from "./kit.mjs";
import { buildProduct } from "./product.mjs";
import { scene, urgentQuestion } from "./scene.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));

const source = `
  import { initializeApp } from "firebase/app";
  import { connectAuthEmulator, initializeAuth, inMemoryPersistence, signInWithEmailAndPassword } from "firebase/auth";
  import { openInbox } from "/src/core/index.ts";
  import "/src/react/styles.css";
  import "/src/elements/elements.css";

  const { stack, person, firestore } = window.given;
  globalThis.__FIREBASE_DEFAULTS__ = { emulatorHosts: { firestore } };
  const app = initializeApp({ projectId: stack.project, apiKey: "emulator" });
  const auth = initializeAuth(app, { persistence: inMemoryPersistence });
  connectAuthEmulator(auth, stack.auth, { disableWarnings: true });
  const { user } = await signInWithEmailAndPassword(auth, person.email, person.password);
  const opened = openInbox({ app, user });
  const listening = { now: 0 };
  // Counts who listens, to see that all of them go.
  const inbox = { ...opened };
  for (const name of ["subscribe", "onNews"]) {
    inbox[name] = listener => {
      listening.now++;
      const stop = opened[name](listener);
      return () => { listening.now--; stop(); };
    };
  }
  const told = [];
  for (const type of ["tidings-open", "tidings-act", "tidings-toggle"]) {
    document.addEventListener(type, event => told.push({ type, from: event.target.id, ...event.detail, originalEvent: undefined }));
  }
  const find = id => document.getElementById(id);
  window.product = { inbox, listening, told, find };
  find("center").inbox = inbox; // before the tag is an element
  const { german } = await import("/src/elements/index.ts");
  window.product.german = german;
  for (const id of ["bell", "toasts", "urgent"]) find(id).inbox = inbox;
`;

const html = `
  <header><h1>Product</h1> <tidings-center id="center"></tidings-center> <tidings-bell id="bell"></tidings-bell></header>
  <tidings-toasts id="toasts"></tidings-toasts> <tidings-urgent id="urgent"></tidings-urgent>
  <main id="main"><p>Text</p></main>`;

run(async ({ stack, page: open }) => {
  const { config } = await loadConfigFromFile({ command: "build" }, "vite.elements.config.ts", web, "silent");
  const openProduct = await buildProduct({ stack, open, source, html, alias: config.resolve.alias });
  const bob = await stack.person("Bob");
  const now = await stack.now();
  await stack.seed(bob, scene(now));
  const page = await openProduct(bob, { context: { reducedMotion: "reduce" } });
  const product = (does, given) => page.evaluate(does, given);
  const told = () => page.evaluate(() => window.product.told.map(({ item, ...rest }) => ({ ...rest, item: item?.id })));

  await becomes(async () => {
    const badges = await page.getByTestId("badge").allTextContents();
    return badges.length === 2 && badges[0] === badges[1];
  }, "elements show the inbox that they got before or after");

  await page.locator("#center").getByTestId("bell").click();
  await row(page, "Incident").waitFor();
  await becomes(
    () => page.locator("#center").evaluate(center => center.open && center.hasAttribute("open")),
    "the attribute says that the centre is open",
  );
  await becomes(async () => (await focused(page)).startsWith("notification"), "the focus is in the list");
  const first = await focused(page);
  await page.keyboard.press("j");
  await becomes(async () => (await focused(page)) !== first, "keys walk");
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map(({ id }) => id));
  check(new Set(ids).size === ids.length, "no id twice in the page", ids);
  for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }, { forcedColors: "active" }]) {
    await page.emulateMedia(look);
    await clean(page, `the centre, ${Object.values(look)}`);
  }
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  await stack.seed(bob, [{ id: "quiet", title: "While the list is open", priority: "high" }]);
  await row(page, "While the list").waitFor();
  check((await page.getByTestId("toast").count()) === 0, "no toasts while another element shows the list");
  await page.keyboard.press("Escape");
  await becomes(
    () => page.evaluate(() => !window.product.find("center").open && document.activeElement.matches("#center button")),
    "Escape closes it and gives the focus back to the bell",
  );
  await becomes(
    async () => (await told()).map(({ open }) => open).join() === "true,false",
    "tidings-toggle told of both",
  );

  await why();
  await events();
  await appearing();
  await dressed();
  await moved();
  await gone();

  async function why() {
    await product(() => window.product.find("center").setAttribute("open", ""));
    await pick(page, "Alice Moreau", "why");
    const dialog = page.getByTestId("why");
    await dialog.getByTestId("lately-social").filter({ hasText: "in the last 7 days" }).waitFor();
    await dialog.getByTestId("choose-social-push").uncheck();
    await until("it is saved", async () => (await dialog.getByTestId("saving").textContent()) === "Saved");
    check(
      (await stack.profile(bob)).preferences.push.social === false,
      "why the person is told, how often, and what changes it",
    );
    await clean(page, "why");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await product(() => window.product.find("center").removeAttribute("open"));
    await page.getByTestId("inbox").waitFor({ state: "detached" });
  }

  async function events() {
    await product(() => {
      window.product.find("center").addEventListener("tidings-open", event => event.preventDefault(), { once: true });
      window.product.find("center").open = true;
    });
    const before = page.url();
    await row(page, "Alice Moreau").getByRole("link").click();
    await page.getByTestId("inbox").waitFor({ state: "detached" });
    check(page.url() === before, "a prevented tidings-open leads nowhere; the centre closes");
    await product(() => window.product.find("center").setAttribute("open", ""));
    await row(page, "Erin Sato").getByTestId("action-accept").click();
    await until("told", async () => (await told()).some(({ actionId }) => actionId));
    const heard = (await told()).filter(({ type }) => type !== "tidings-toggle");
    check(
      heard.map(({ type, from, item, actionId }) => [type, from, item, actionId]).join(" ") ===
        "tidings-open,center,mention, tidings-act,center,friend,accept",
      "the events name the element, the item and the answer",
      heard,
    );
    await product(() => window.product.find("center").removeAttribute("open"));
    await page.getByTestId("inbox").waitFor({ state: "detached" });
  }

  async function appearing() {
    await product(() => window.product.inbox.dismissToasts());
    await stack.seed(bob, [{ id: "loud", title: "A loud one", priority: "high", updatedAt: new Date(now + 1000) }]);
    await page.getByTestId("toast").waitFor();
    await page.locator("#toasts .td-toasts:popover-open").waitFor();
    check(true, "a toast lies in the top layer");
    await clean(page, "a toast");
    await page.keyboard.press("F6");
    await page.keyboard.press("Escape");
    await page.getByTestId("toast").waitFor({ state: "detached" });
    check(true, "F6 leads to it, and Escape closes it");
    await stack.seed(bob, [{ ...urgentQuestion, updatedAt: new Date(now + 2000) }]);
    await page.locator("#urgent dialog:modal").waitFor();
    check((await page.getByTestId("toast").count()) === 0, "what the dialog asks is no toast");
    await clean(page, "the urgent dialog");
    await page.waitForTimeout(600); // its first half second takes no input
    await page.keyboard.press("Escape");
    await page.getByTestId("urgent-dialog").waitFor({ state: "detached" });
  }

  async function dressed() {
    await product(() => {
      document.documentElement.dir = "rtl";
      document.body.style.setProperty("--td-urgent", "rgb(1, 2, 3)");
      window.product.find("center").words = window.product.german;
    });
    await openCenterOf(page);
    const heading = page.getByRole("heading", { name: "Mitteilungen" });
    await heading.waitFor();
    check((await page.getByTestId("inbox").getAttribute("lang")) === "de", "words change the element's language");
    const colour = page.locator("#bell").getByTestId("badge");
    check(
      (await colour.evaluate(element => getComputedStyle(element).backgroundColor)) === "rgb(1, 2, 3)",
      "the product's custom properties reach it",
    );
    await clean(page, "the centre from right to left, in German");
    await page.keyboard.press("Escape");
    await product(() => document.documentElement.removeAttribute("dir"));
  }

  async function moved() {
    await product(() => {
      window.product.find("center").open = true;
    });
    await page.getByTestId("inbox").waitFor();
    await product(() => {
      for (const id of ["center", "toasts"]) window.product.find("main").append(window.product.find(id));
    });
    await page.getByTestId("inbox").waitFor({ state: "detached" });
    await becomes(
      () => page.locator("#center").evaluate(({ open }) => !open),
      "a move closes the centre, and open says so",
    );
    await openCenterOf(page);
    check((await page.getByTestId("inbox").count()) === 1, "it opens in its new place");
    await page.keyboard.press("Escape");
    await stack.seed(bob, [
      { id: "after", title: "After the move", priority: "high", updatedAt: new Date(now + 3000) },
    ]);
    await page.locator("#toasts .td-toasts:popover-open").waitFor();
    check(true, "toasts that were moved lie in the top layer");
  }

  async function gone() {
    await product(async () => {
      const center = window.product.find("center");
      for (let times = 0; times < 50; times++) {
        center.remove();
        if (times % 2) await new Promise(resolve => setTimeout(resolve, 5));
        window.product.find("main").append(center);
        if (times % 3) await new Promise(resolve => setTimeout(resolve, 5));
      }
    });
    const bells = page.locator("#center button");
    await becomes(async () => (await bells.count()) === 1, "removed and added fifty times, it shows one bell");
    const listening = () => product(() => window.product.listening.now);
    await becomes(async () => {
      const times = await listening();
      return times > 0 && times < 40;
    }, "and listens as often as before");
    await product(() => {
      const { find } = window.product;
      find("bell").inbox = null;
      window.product.elements = ["center", "bell", "toasts", "urgent"].map(id => new WeakRef(find(id)));
      for (const one of window.product.elements) one.deref().remove();
      window.product.told.length = 0;
    });
    await becomes(async () => (await listening()) === 0, "when all have gone, nobody listens to the inbox");
    await becomes(
      async () => (await page.getByTestId("announcer").count()) === 0,
      "and nothing of theirs is left in the page",
    );
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("HeapProfiler.enable");
    await until("the elements are collected", async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      return page.evaluate(() => window.product.elements.every(one => one.deref() === undefined));
    });
    check(true, "nor in its memory");
  }
});

async function openCenterOf(page) {
  await page.locator("#center").getByTestId("bell").click();
  await page.getByTestId("inbox").waitFor();
}

async function clean(page, state) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`);
  check(found.length === 0, `${state}: axe finds nothing`, found);
}
