/** Pages of the demo that are signed in and listen. */
import { until } from "./assertions.mjs";

/**
 * Signs the person in, in their own window of the demo, and answers the page once it listens. `firestore` is where the
 * page finds Firestore, if not where it is; `live` is false for a page that will not reach it; `others` are further people that
 * the page knows.
 */
export async function openWindow(
  open,
  stack,
  person,
  { query = "", firestore, live = true, others = [], ...options } = {},
) {
  const answer = await fetch(`${stack.addresses.web}/stack.json`);
  const described = await answer.json();
  const json = { ...described, people: [person, ...others, ...described.people], ...(firestore ? { firestore } : {}) };
  const before = async page => {
    await page.route("**/stack.json", route => route.fulfill({ json }));
    await options.before?.(page);
  };
  const page = await open({ ...options, before });
  await page.goto(`${stack.addresses.web}/?person=${person.uid}${query}`);
  await page.getByTestId("bell").waitFor();
  if (live) await connected(page);
  return page;
}

/** What `openWindow` takes for a page that never reaches Firestore. */
export const cutOff = {
  live: false,
  firestore: { host: "127.0.0.1", port: 9 },
  before: page => page.route("http://127.0.0.1:9/**", route => route.abort()),
};

/** Opens the demo's page with two people's screens, and answers it once both listen. Without its sample items unless asked. */
export async function openDesk(open, stack, { samples = false, ...options } = {}) {
  const page = await open(options);
  await page.goto(`${stack.addresses.web}/${samples ? "" : "?samples=no"}`);
  for (const uid of ["bob", "alice"]) await page.getByTestId(`screen-${uid}`).getByTestId("bell").waitFor();
  await connected(page);
  return page;
}

/**
 * Waits until all bells of the page are live. Post only then: a write that the official Firestore emulator takes while it
 * registers a listener may never reach that listener.
 */
export function connected(page) {
  return until("the page listens", () =>
    page.evaluate(() =>
      [...document.querySelectorAll('[data-testid="bell"]')].every(bell => bell.dataset.status === "connected"),
    ),
  );
}

/** Tells the page that it is "visible" or "hidden": headless Chromium takes every page for visible. */
export function look(page, state) {
  return page.evaluate(is => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => is });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => is === "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}
