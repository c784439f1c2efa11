/**
 * What the browser tests share: assertions that print a line each, people of their own on the shared stack, items for
 * them, and pages that are signed in. Every script reads
 *
 *   ADDRESSES=file   what `go run ./emulator -addresses file` has written
 *   CHROMIUM=path    optional; otherwise found on PATH
 *   SLOW=1           multiplies every bound that a measurement must keep: for machines that are slow or busy. What was
 *                    measured is printed, whatever the bound.
 *   PATIENCE_MS=60000  how long to wait for anything at all before giving up
 *   FAILED=dir       keeps a picture of every page of a script that failed
 *
 * and exits with 0 if all holds, 1 with a sentence if something does not, 2 if there is nothing to run.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { findChromium, launch } from "./browser.mjs";

export const slow = Number(process.env.SLOW ?? 1);
export const patience = Number(process.env.PATIENCE_MS ?? 60_000);

export class Failure extends Error {}

export function check(holds, claim, found) {
  if (!holds) throw new Failure(found === undefined ? claim : `${claim}\n  found: ${JSON.stringify(found)}`);
  console.log(`ok   ${claim}`);
}

/** The same for what is about to hold: a page draws a moment after its state has changed, on a busy machine a long one. */
export async function becomes(look, claim) {
  await until(claim, look);
  check(true, claim);
}

/** A measured time against its bound, which SLOW stretches. */
export function within(took, bound, claim) {
  const stretched = slow === 1 ? "" : ` × ${slow}`;
  check(took <= bound * slow, `${claim}: ${Math.round(took)} ms (at most ${bound}${stretched})`);
}

/** Asks again and again until `look` answers something, which is what it answers. */
export async function until(what, look, limit = patience) {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Failure(`${what}: not within ${limit} ms`);
    await new Promise(resolve => setTimeout(resolve, 15));
  }
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Runs a script's body with a browser on the stack, and ends the process as promised above. */
export async function run(body) {
  const file = process.env.ADDRESSES;
  const chromium = findChromium();
  if (!file) return nothing("ADDRESSES is not set: the file that `go run ./emulator -addresses FILE` writes");
  if (!chromium) return nothing("no Chromium: set CHROMIUM, or put chromium or google-chrome on PATH");
  const stack = new Stack(JSON.parse(readFileSync(file, "utf8")));
  const browser = await launch(chromium);
  const complaints = [];
  try {
    const open = options => openPage(browser, complaints, options);
    await body({
      stack,
      browser,
      open: (person, options) => openWindow(open, stack, person, options),
      desk: options => openDesk(open, stack, options),
    });
    check(complaints.length === 0, "no page threw an error", complaints);
  } catch (error) {
    console.error(error instanceof Failure ? `FAIL ${error.message}` : error);
    if (complaints.length > 0) console.error("page errors:", complaints);
    await shoot(browser);
    process.exitCode = 1;
  } finally {
    const pages = browser.contexts().flatMap(context => context.pages());
    await Promise.all(pages.map(page => page.unrouteAll({ behavior: "ignoreErrors" })));
    await browser.close();
  }
}

function nothing(reason) {
  console.error(reason);
  process.exitCode = 2;
}

async function shoot(browser) {
  const folder = process.env.FAILED;
  if (!folder) return;
  const pages = browser.contexts().flatMap(context => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: join(folder, `${basename(process.argv[1], ".mjs")}-${index}.png`) }).catch(() => {});
  }
}

/** A page of a context to share with another page, or of a new one with these settings; its errors are the script's. */
async function openPage(browser, complaints, { context, before } = {}) {
  const shared = context?.newPage ? context : await browser.newContext(context);
  const page = await shared.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", error => complaints.push(error.message));
  await before?.(page);
  return page;
}

/**
 * Signs the person in, in their own window of the demo, and answers the page once it listens. `firestore` is where the
 * page finds Firestore, if not where it is; `live` is false for a page that will not reach it; `others` are further people that
 * the page knows.
 */
async function openWindow(open, stack, person, { query = "", firestore, live = true, others = [], ...options } = {}) {
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

/** Opens the demo's page with two people's screens, and answers it once both listen. */
async function openDesk(open, stack, options) {
  const page = await open(options);
  await page.goto(stack.addresses.web);
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

/** The stack as its producers and its administrator see it. */
export class Stack {
  constructor(addresses) {
    this.addresses = addresses;
    this.documents = `projects/${addresses.project}/databases/(default)/documents`;
  }

  /** The time by the stack's clock, which tests move forwards, in milliseconds since 1970. */
  async now() {
    const answer = await fetch(this.addresses.clock);
    return Date.parse((await answer.json()).now);
  }

  /** A person of this script's own. */
  async person(name) {
    const uid = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}`;
    const person = { uid, name, email: `${uid}@tidings.example`, password: "tidings" };
    const { auth, project } = this.addresses;
    await this.#post(`http://${auth}/identitytoolkit.googleapis.com/v1/projects/${project}/accounts`, {
      localId: uid,
      email: person.email,
      password: person.password,
    });
    return person;
  }

  /** Posts an event as the product would, and answers when it was accepted. */
  async event(event) {
    await this.#post(`${this.addresses.web}/v1/events`, event, {});
  }

  /** Writes items as the functions would have, past the rules: `[{id, title, …}]` on top of an unread medium one. */
  async seed(person, items) {
    const now = await this.now();
    const writes = items.map(item => ({
      update: { name: this.#name(person, item.id), fields: encode(stored(item, new Date(now))) },
    }));
    for (let at = 0; at < writes.length; at += 100) await this.#commit(writes.slice(at, at + 100));
  }

  /** Changes some fields of an item as the functions would: what it says, and its revision. */
  change(person, id, fields) {
    return this.changeAll(person, [{ id, ...fields }]);
  }

  /** The same for several items in one commit. */
  async changeAll(person, changes) {
    await this.#commit(
      changes.map(({ id, ...fields }) => ({
        update: { name: this.#name(person, id), fields: encode(fields) },
        updateMask: { fieldPaths: Object.keys(fields) },
      })),
    );
  }

  /** An item as it is stored, past any cache; null if there is none. */
  async stored(person, id) {
    const answer = await fetch(`http://${this.addresses.firestore}/v1/${this.#name(person, id)}`, {
      headers: { Authorization: "Bearer owner" },
    });
    return answer.ok ? decode((await answer.json()).fields) : null;
  }

  /** The browsers and phones that the person has registered. */
  async devices(person) {
    const answer = await this.#owner(`users/${person.uid}/devices`);
    return ((await answer.json()).documents ?? []).map(({ fields }) => decode(fields));
  }

  /** Waits until the subscriber would push to the device: until the mirror function has copied it into the profile. */
  async knows(person, value) {
    await until("the subscriber knows the device", async () => {
      const answer = await this.#owner(`users/${person.uid}`);
      return answer.ok && (await answer.text()).includes(JSON.stringify(value));
    });
  }

  /** Gives the person a phone, and answers its address. */
  async phone(person) {
    const value = `${person.uid}-phone`;
    const fields = encode({ kind: "token", value, platform: "android", locale: "en", lastSeenAt: new Date() });
    await this.#commit([{ update: { name: `${this.documents}/users/${person.uid}/devices/phone`, fields } }]);
    await this.knows(person, value);
    return value;
  }

  /** Makes people members of an audience. */
  async join(audience, ...people) {
    await this.#commit(
      people.map(({ uid }) => ({
        update: {
          name: `${this.documents}/audiences/${audience}/members/${uid}`,
          fields: encode({ since: new Date() }),
        },
      })),
    );
  }

  /** The person's pages in view, as the subscriber knows them: what each shows, and until when it counts. */
  async inView(person) {
    const answer = await this.#owner(`users/${person.uid}`);
    const { fields = {} } = answer.ok ? await answer.json() : {};
    return Object.values(fields.sessions?.mapValue.fields ?? {}).map(({ mapValue }) => decode(mapValue.fields));
  }

  /** What the fake FCM was asked to send to a device, oldest first. */
  async pushes(target) {
    const answer = await fetch(`${this.addresses.fcm}/messages?token=${encodeURIComponent(target)}`);
    return answer.json();
  }

  /** Moves the clock of all forwards, by a Go duration. Only for scripts that run alone. */
  async advance(by) {
    await this.#post(`${this.addresses.clock}/advance`, { by }, {});
  }

  #owner(path) {
    return fetch(`http://${this.addresses.firestore}/v1/${this.documents}/${path}`, {
      headers: { Authorization: "Bearer owner" },
    });
  }

  /** All items of a person as they are stored. */
  async items(person) {
    const answer = await this.#owner(`users/${person.uid}/notifications?pageSize=300`);
    return ((await answer.json()).documents ?? []).map(({ fields }) => decode(fields));
  }

  #name(person, id) {
    return `${this.documents}/users/${person.uid}/notifications/${id}`;
  }

  async #commit(writes) {
    for (;;) {
      try {
        return await this.#post(`http://${this.addresses.firestore}/v1/${this.documents}:commit`, { writes });
      } catch (error) {
        // Two writes of one document at once: the emulator gives up on one of them.
        if (!/answered 409/.test(error.message)) throw error;
      }
    }
  }

  async #post(address, body, headers = { Authorization: "Bearer owner" }) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Failure(`${address} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }
}

const ranks = { low: 0, medium: 1, high: 2, urgent: 3 };

/** A whole document, as shared/store writes it. Whole numbers must be stored as such: the rules ask for it. */
function stored({ id: _, ...given }, now) {
  const priority = given.priority ?? "medium";
  return {
    type: "post.liked",
    category: "social",
    priority,
    rank: ranks[priority],
    icon: "heart",
    title: "Somebody liked your post",
    body: "",
    url: "",
    why: "recipient",
    held: "",
    groupId: "",
    target: { type: "", id: "", title: "", url: "" },
    actors: [],
    actions: [],
    actorCount: 1,
    eventCount: 1,
    entryCount: 1,
    revision: 1,
    createdAt: now,
    updatedAt: now,
    latestAt: now,
    openedAt: now,
    expireAt: new Date(now.getTime() + 400 * 86_400_000),
    seenAt: null,
    readAt: null,
    archivedAt: null,
    snoozedUntil: null,
    retractedAt: null,
    doneAction: null,
    push: { at: null, revision: 0, message: "" },
    ...given,
  };
}

function encode(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, encodeValue(value)]));
}

function encodeValue(value) {
  if (value === null) return { nullValue: null };
  if (value instanceof Date) return { timestampValue: value.toISOString() };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  if (typeof value === "object") return { mapValue: { fields: encode(value) } };
  if (typeof value === "number") return { integerValue: String(value) };
  return { stringValue: String(value) };
}

/** What the tests look at: texts and times as they are, null for null. */
function decode(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Object.values(value)[0]]));
}

// ---- what is on a page -------------------------------------------------------------------------------------------------

export const badge = page => page.evaluate(() => document.querySelector('[data-testid="badge"]')?.textContent ?? "");

/** Opens the centre by a press on the bell and waits for it. */
export async function openCenter(page) {
  await page.getByTestId("bell").click();
  await page.getByTestId("inbox").waitFor();
}

/** The row whose title contains the text: the whole row's would run into its time, as in "Item 9" and "9m ago". */
export const row = (page, title) =>
  page.getByTestId("notification-title").filter({ hasText: title }).locator("xpath=ancestor::article");

export const titles = page => page.getByTestId("notification-title").allTextContents();

/** Picks an entry of a row's menu. */
export async function pick(page, title, entry) {
  await row(page, title).getByTestId("item-menu").click();
  await page.getByTestId(`menu-${entry}`).click();
}

/** What has the focus, in words: its test id and, for a row, its id. */
export const focused = page =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    return `${element?.getAttribute("data-testid") ?? element?.tagName ?? ""} ${element?.getAttribute("data-id") ?? ""}`.trim();
  });

/** Has the page remember each state of what has these test ids, and since when. Ask with `state` and `since`. */
export function recordStates(page, testIds) {
  return page.evaluate(ids => {
    const text = id => [...document.querySelectorAll(`[data-testid="${id}"]`)].map(one => one.textContent);
    const look = () => {
      const state = JSON.stringify([...ids.map(text), document.querySelectorAll(".td-item[data-unread]").length]);
      if (window.states.at(-1)?.state !== state) window.states.push({ at: Date.now(), state });
    };
    window.states = [];
    look();
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  }, testIds);
}

export const state = page => page.evaluate(() => window.states.at(-1).state);

/** When the page came to be as it is now, by the clock that all pages on this machine share. */
export const since = page => page.evaluate(() => window.states.at(-1).at);
