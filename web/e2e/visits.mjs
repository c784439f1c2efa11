/**
 * A person's page without a browser: the package's own core on Node, for `go run ./emulator bill`, which counts on the wire what a page reads
 * and writes. It takes orders as lines of JSON, and answers each with a line when the server has all that the order led to:
 *
 *   {"do": "open", "email", "password", "offset"}  signs in, opens the inbox and takes a lease; offset: of the stack's clock, in ms
 *   {"do": "show", "items": {id: revision}}        waits until the inbox lists just these
 *   {"do": "pass", "seconds"}                      lets the time go by for what the page does again and again, as renewing a lease
 *   {"do": "see"}                                  all that is listed was on the screen
 *   {"do": "read" | "archive", "count"}            so many of the topmost that are not yet
 *   {"do": "close"}                                gives the lease back, and closes the page
 *
 * see, read and archive answer how many marks that made.
 */
import { createInterface } from "node:readline";
import { mock } from "node:test";
import { pathToFileURL } from "node:url";
import { deleteApp, initializeApp } from "firebase/app";
import { connectAuthEmulator, initializeAuth, inMemoryPersistence, signInWithEmailAndPassword } from "firebase/auth";
import { getFirestore, waitForPendingWrites } from "firebase/firestore";

const [folder, authHost, firestoreEmulator, projectId] = process.argv.slice(2);
const patience = 30_000; // ms

// The package is loaded while there is no document, so it takes this for a place without a page. Presence wants one.
const { openInbox } = await import(`${pathToFileURL(folder)}/index.js`);
const { openPresence } = await import(`${pathToFileURL(folder)}/presence.js`);
globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
globalThis.window = new EventTarget();

// What is done again and again goes by this clock; all that Firestore's SDK waits for goes by the real one.
mock.timers.enable({ apis: ["setInterval"] });

// A lease is given back by a request that outlives the page.
const requests = new Set();
const { fetch } = globalThis;
globalThis.fetch = (...args) => {
  const request = fetch(...args);
  requests.add(request);
  const done = () => requests.delete(request);
  request.then(done, done);
  return request;
};

let pages = 0;
let page = null; // what is open: { app, inbox, presence }

async function open({ email, password, offset = 0 }) {
  const app = initializeApp({ projectId, apiKey: "any" }, `page ${++pages}`);
  const auth = initializeAuth(app, { persistence: inMemoryPersistence });
  connectAuthEmulator(auth, `http://${authHost}`, { disableWarnings: true });
  const { user } = await signInWithEmailAndPassword(auth, email, password);
  const clock = offset ? { clock: { now: () => Date.now() + offset, onJump: () => () => {} } } : {};
  const inbox = openInbox({ app, user, firestoreEmulator, ...clock });
  await until(
    "the inbox is connected",
    inbox,
    ({ loaded, connectionStatus }) => loaded && connectionStatus === "connected",
  );
  page = { app, inbox, presence: openPresence({ app, user, inbox }) };
  await sent();
}

/** Waits until the server has all that the page has written. */
async function sent() {
  await settled();
  await waitForPendingWrites(getFirestore(page.app));
  while (requests.size > 0) await Promise.allSettled(requests);
}

/** Lets what has begun go on to where it waits for the server: a lease asks for a token, and loads what writes it. */
const settled = () => new Promise(resolve => setTimeout(resolve, 30));

function until(what, inbox, holds) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), patience);
    let stop = () => {};
    let over = false;
    stop = inbox.subscribe(snapshot => {
      if (over || !holds(snapshot)) return;
      over = true;
      clearTimeout(timer);
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

const listed = () => page.inbox.getSnapshot().notifications;

async function mark(items, how) {
  for (const { id } of items) {
    const result = await how(id);
    if (result !== "stored") throw new Error(`a mark was not stored: ${result}`);
  }
  await sent();
  return items.length;
}

const orders = {
  open,
  show: ({ items }) =>
    until("the inbox lists what is stored", page.inbox, ({ notifications }) => {
      const shown = notifications.map(({ id, revision, pending }) => [id, pending ? -1 : revision]);
      return (
        shown.length === Object.keys(items ?? {}).length && shown.every(([id, revision]) => items[id] === revision)
      );
    }),
  async pass({ seconds }) {
    mock.timers.tick(seconds * 1000);
    await sent();
  },
  async see() {
    const unseen = listed().filter(({ seenAt }) => seenAt === null);
    const results = await page.inbox.markSeen(unseen.map(({ id }) => id));
    if (results.some(result => result !== "stored")) throw new Error(`marks were not stored: ${results}`);
    await sent();
    return unseen.length;
  },
  read: ({ count }) =>
    mark(
      listed()
        .filter(({ readAt }) => readAt === null)
        .slice(0, count),
      page.inbox.markRead,
    ),
  archive: ({ count }) => mark(listed().slice(-count), page.inbox.archive),
  async close() {
    page.presence.close();
    await sent();
    page.inbox.close();
    await deleteApp(page.app);
    page = null;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  try {
    console.log(JSON.stringify({ count: (await orders[order.do](order)) ?? 0 }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
process.exit(0); // whatever is open
