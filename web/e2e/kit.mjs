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
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { atMost, check, Failure, patience } from "./assertions.mjs";
import { findChromium, launch } from "./browser.mjs";
import { Stack } from "./stack.mjs";
import { openDesk, openWindow } from "./windows.mjs";

export * from "./assertions.mjs";
export * from "./page.mjs";
export { Stack } from "./stack.mjs";
export { connected, cutOff, look } from "./windows.mjs";

// Every wait within a script has its bound, but what a page is asked to compute has none. The longest script takes three minutes on two busy cores.
const longest = 9 * 60_000;

/** Runs a script's body with a browser on the stack, and ends the process as promised above; after `limit` milliseconds at the latest. */
export async function run(body, limit = longest) {
  const file = process.env.ADDRESSES;
  const chromium = findChromium();
  if (!file) return nothing("ADDRESSES is not set: the file that `go run ./emulator -addresses FILE` writes");
  if (!chromium) return nothing("no Chromium: set CHROMIUM, or put chromium or google-chrome on PATH");
  const stack = new Stack(JSON.parse(readFileSync(file, "utf8")));
  const browser = await launch(chromium);
  const complaints = [];
  try {
    const open = options => openPage(browser, complaints, options);
    await stack.answers();
    const script = body({
      stack,
      browser,
      open: (person, options) => openWindow(open, stack, person, options),
      page: open,
      desk: options => openDesk(open, stack, options),
    });
    await atMost(limit, script, `the script has not ended within ${limit / 60_000} minutes`);
    check(complaints.length === 0, "no page threw an error", complaints);
  } catch (error) {
    console.error(error instanceof Failure ? `FAIL ${error.message}` : error);
    if (complaints.length > 0) console.error("page errors:", complaints);
    await stack.answers().catch(({ message }) => console.error(message));
    await shoot(browser);
    process.exitCode = 1;
  }
  // The end of this process ends a browser that does not close.
  await atMost(30_000, close(browser), "the browser does not close").catch(({ message }) => console.error(message));
  process.exit();
}

async function close(browser) {
  const pages = browser.contexts().flatMap(context => context.pages());
  await Promise.all(pages.map(page => page.unrouteAll({ behavior: "ignoreErrors" })));
  await browser.close();
}

function nothing(reason) {
  console.error(reason);
  process.exitCode = 2;
}

async function shoot(browser) {
  const folder = process.env.FAILED;
  if (!folder) return;
  const pages = browser.contexts().flatMap(context => context.pages());
  const name = index => join(folder, `${basename(process.argv[1], ".mjs")}-${index}.png`);
  const shots = pages.map((page, index) => page.screenshot({ path: name(index), timeout: 10_000 }).catch(() => {}));
  await Promise.all(shots);
}

/** A page of a context to share with another page, or of a new one with these settings; its errors are the script's. */
async function openPage(browser, complaints, { context, before } = {}) {
  const shared = context?.newPage ? context : await browser.newContext(context);
  const page = await shared.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", error => complaints.push(error.message));
  // The demo's policy allows no style and no script but its own. (That Firestore's look for a network is refused is nobody's mistake.)
  page.on("console", message => {
    if (/Content Security Policy.*(style|script)-src/s.test(message.text())) complaints.push(message.text());
  });
  await before?.(page);
  return page;
}
