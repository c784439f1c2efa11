/** A headless Chromium from this machine, for plain node scripts: nothing is downloaded. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that a test gives from memory, as a service worker would, may speak to the emulators on this machine.
  "--disable-features=LocalNetworkAccessChecks",
];

/** The path of a Chromium: what CHROMIUM says, else the first one on PATH; null if there is none. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next one may be.
      }
    }
  }
  return null;
}

export function launch(executablePath) {
  return chromium.launch({ executablePath, args: flags });
}

/** A browser of its own that can be killed: without a word to its pages, as by a crash or an empty battery. */
export async function launchToKill(executablePath) {
  const server = await chromium.launchServer({ executablePath, args: flags });
  return { browser: await chromium.connect(server.wsEndpoint()), kill: () => server.kill() };
}
