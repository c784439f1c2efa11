/**
 * `useOpenInbox` in StrictMode, counted by what Firestore is asked to listen to: one listener for a person, through double
 * mounting, two components, another person, and a sign-out. The page names its emulator and imports no Firestore. And slots
 * and props, as a product uses them, and a button of its own on `useNotifications`.
 */
import { check, openCenter, row, run, until, within } from "./kit.mjs";
import { buildProduct } from "./product.mjs";

const source = `
  import { initializeApp } from "firebase/app";
  import { connectAuthEmulator, inMemoryPersistence, initializeAuth, onAuthStateChanged, signInWithEmailAndPassword, signOut } from "firebase/auth";
  import { createElement as h, StrictMode, useEffect, useState } from "react";
  import { createRoot } from "react-dom/client";
  import { NotificationCenter, TidingsProvider, Toasts, useInbox, useNotifications, useOpenInbox } from "/src/react/index.ts";
  import "/src/react/styles.css";

  const { stack, person, firestore } = window.given;
  const app = initializeApp({ projectId: stack.project, apiKey: "emulator" });
  const auth = initializeAuth(app, { persistence: inMemoryPersistence });
  connectAuthEmulator(auth, stack.auth, { disableWarnings: true });
  const signIn = ({ email, password }) => signInWithEmailAndPassword(auth, email, password);
  window.product = { signIn, signOut: () => signOut(auth) };

  function useUser() {
    const [user, setUser] = useState(null);
    useEffect(() => onAuthStateChanged(auth, setUser), []);
    return user;
  }
  const useOwn = () => useOpenInbox(useUser(), { app, firestoreEmulator: firestore });
  const slots = {
    row: ({ item, children }) => h("div", { className: "own-row", style: { display: "contents" } }, children, h("em", null, item.eventCount)),
    icon: ({ item, children }) => item.icon === "heart" ? h("i", { className: "own-icon" }, "L") : children,
    empty: ({ list }) => h("p", { className: "own-empty" }, "Nothing in " + list),
    action: ({ action, children }) => h("span", { className: "own-action" }, children),
  };
  const snoozeTimes = now => [{ id: "soon", label: "In five minutes", until: now + 300_000 }];

  function Other() {
    return h("output", { id: "other" }, useOwn()?.uid ?? "");
  }
  let drawn = 0;
  window.product.drawn = () => drawn;
  function OwnButton() {
    const inbox = window.product.inbox = useInbox();
    const [item] = useNotifications().notifications;
    drawn++;
    if (!item) return null;
    const turn = event => {
      event.stopPropagation();
      void (item.readAt === null ? inbox.markRead(item.id) : inbox.markUnread(item.id));
    };
    return h("button", { id: "own-button", onClick: turn }, item.readAt === null ? "unread" : "read");
  }
  function Bell() {
    const inbox = useOwn();
    if (!inbox) return h("p", { id: "out" }, "Signed out");
    return h(TidingsProvider, { inbox, slots, snoozeTimes },
      h(NotificationCenter, { tabs: ["all", "archived"], filters: false }),
      h(OwnButton),
      h(Toasts, { place: "top-start", time: 1500 }));
  }
  createRoot(document.getElementById("root")).render(h(StrictMode, null, h(Bell), h(Other)));
  await signIn(person);
`;

run(async ({ stack, page: open }) => {
  const openProduct = await buildProduct({ stack, open, source });
  const [ada, eve] = [await stack.person("Ada"), await stack.person("Eve")];
  await stack.seed(ada, [
    { id: "a", title: "For Ada", icon: "heart", actions: [{ id: "x", label: "X", url: "", style: "" }] },
  ]);
  await stack.seed(eve, [{ id: "e", title: "For Eve" }]);
  const targets = new Map(); // number → the list that it listens to
  let most = 0;
  const of = ({ uid }) => [...targets.values()].filter(list => list.endsWith(`/users/${uid}`)).length;
  const page = await openProduct(ada, {
    before: page =>
      page.on("request", request => {
        if (endsStream(request)) targets.clear();
        for (const { addTarget, removeTarget } of messages(request)) {
          // The archive is another list, which the page opens for a moment.
          if (addTarget?.query?.structuredQuery.where?.unaryFilter)
            targets.set(addTarget.targetId, addTarget.query.parent);
          if (removeTarget) targets.delete(removeTarget);
          most = Math.max(most, of(ada), of(eve));
        }
      }),
  });
  await until("the other component's", async () => (await page.locator("#other").textContent()) === ada.uid);
  check(of(ada) === 1, "in StrictMode two components share one inbox, which is listened to once", [
    ...targets.values(),
  ]);
  check(true, "at an emulator, without an import of Firestore at the start");

  await page.locator("#own-button").waitFor();
  await ownButtonChecks(page);

  await openCenter(page);
  await row(page, "For Ada").waitFor();
  const found = selector => page.locator(selector).count();
  check((await found(".own-row")) === 1 && (await found(".own-icon")) === 1, "a row and an icon of the product's own");
  check((await found(".own-action .td-action")) === 1, "an action in a frame of its own");
  const tabs = await page.getByRole("tab").evaluateAll(all => all.map(tab => tab.dataset.testid));
  check(
    tabs.join() === "tab-all,tab-archived" && (await found('[data-testid="search-toggle"]')) === 0,
    "tabs and filters",
  );
  await row(page, "For Ada").hover();
  const label = await row(page, "For Ada").getByTestId("snooze").getAttribute("title");
  check(label === "Remind me in five minutes", `times to snooze: ${label}`);
  await page.getByTestId("tab-archived").click();
  await page.locator(".own-empty").waitFor();
  check((await page.locator(".own-empty").textContent()) === "Nothing in archived", "and an empty list");
  await page.keyboard.press("Escape");

  await page.evaluate(person => window.product.signIn(person), eve);
  await until("Eve's inbox", async () => (await page.locator("#other").textContent()) === eve.uid);
  await until("her listener", () => of(eve) === 1 && of(ada) === 0);
  check(true, "another person signs in: theirs is listened to, and the old one no more");
  await page.locator('[data-testid="bell"][data-status="connected"]').waitFor();
  await stack.seed(eve, [{ id: "loud", priority: "high", title: "Bob wrote" }]);
  const toast = page.getByTestId("toast");
  await toast.waitFor();
  const box = await page.getByTestId("toasts").boundingBox();
  check(box.x < 100 && box.y < 100, "its toasts are where the product wants them", box);
  const start = Date.now();
  await toast.waitFor({ state: "detached" });
  within(Date.now() - start, 4500, "and leave after the time that it wants");
  await openCenter(page);
  await row(page, "For Eve").waitFor();
  check((await row(page, "For Ada").count()) === 0, "nothing of Ada's is shown");
  await page.keyboard.press("Escape");

  await page.evaluate(() => window.product.signOut());
  await page.locator("#out").waitFor();
  await until("nobody's", () => targets.size === 0);
  check(most === 1, "signed out, nothing is listened to; and at no time was anybody twice", most);
});

/** A button of the product's own goes by what the press before has left; what comes by itself waits for the next frame. */
async function ownButtonChecks(page) {
  const says = () => page.locator("#own-button").textContent();
  await page.locator("#own-button").click(); // what marks need is loaded
  await until("read", async () => (await says()) === "read");
  await page.locator("#own-button").click();
  await until("unread", async () => (await says()) === "unread");
  const presses = await page.evaluate(async () => {
    const said = [];
    for (let n = 0; n < 3; n++) {
      document.getElementById("own-button").click();
      await new Promise(resolve => queueMicrotask(() => queueMicrotask(resolve))); // React has drawn what it draws at once
      said.push(document.getElementById("own-button").textContent);
    }
    return said.join();
  });
  check(presses === "read,unread,read", "a product's own button draws each press at once", presses);
  await until("read", async () => (await says()) === "read");
  const changes = await page.evaluate(async () => {
    const { inbox, drawn } = window.product;
    const [{ id }] = inbox.getSnapshot().notifications;
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
    const before = drawn();
    for (let n = 0; n < 10; n++) void (n % 2 ? inbox.markRead(id) : inbox.markUnread(id));
    await new Promise(resolve => queueMicrotask(() => queueMicrotask(resolve)));
    return drawn() - before;
  });
  check(changes === 0, "ten changes that no press has made wait for a frame", changes);
  await until("read again", async () => (await says()) === "read");
}

/** Other credentials take a stream of their own, and without anything to listen to there is none: its targets end with it. */
function endsStream(request) {
  const url = request.url();
  if (!url.includes("/Listen/channel")) return false;
  return /[?&]TYPE=terminate/.test(url) || (request.method() === "POST" && !/[?&]SID=/.test(url));
}

/** What a request of Firestore's web channel says. */
function messages(request) {
  if (request.method() !== "POST" || !request.url().includes("/Listen/channel")) return [];
  return [...new URLSearchParams(request.postData() ?? "")].flatMap(([name, value]) =>
    name.endsWith("___data__") ? [JSON.parse(value)] : [],
  );
}
