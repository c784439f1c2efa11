/**
 * The examples as fresh apps on the running stack, each with the packed package: whoever is signed in there sees a like.
 * `node e2e/apps.mjs vue next` plays those two, `npm run apps` plays all, which takes minutes; so does CI. Without names it plays the one that
 * nothing else here is like: the demo is of React 19, `elements.mjs` is without React. Needs the npm registry for what the apps are made of.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { inFolder, install, NoRegistry, npm, pack, serve, start } from "./fresh-app.mjs";
import { check, run, until, within } from "./kit.mjs";

const react18 = { react: "18.3.1", "react-dom": "18.3.1", "@types/react": "^18.3.0", "@types/react-dom": "^18.3.0" };

const apps = {
  html: { example: "html", built: null },
  vue: { example: "vue" },
  "react-19": { example: "vite-react", after: weigh },
  "react-18": { example: "vite-react", versions: react18 },
  svelte: { example: "svelte" },
  next: { example: "next", serve: folder => start(folder, "next", ["start", "-H", "127.0.0.1", "-p", "0"]) },
};

const initialLimit = 120; // kB, gzip; the page before anything of Firestore

const asked = process.argv.slice(2);
const all = asked.includes("all") || (asked.length === 0 && process.env.CI);
const names = all ? Object.keys(apps) : asked.length > 0 ? asked : ["react-18"];

run(async ({ stack, page: open }) => {
  try {
    await inFolder(async folder => {
      const { file } = await pack(folder);
      for (const name of names) await inFolder(own => play(name, file, own, stack, open));
    });
  } catch (error) {
    if (!(error instanceof NoRegistry)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
});

async function play(name, tarball, folder, stack, open) {
  const { example, built = "dist", versions, after, serve: own } = apps[name];
  const began = Date.now();
  const seconds = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
  await install(example, tarball, folder, versions);
  check(true, `${name}: the tarball installs (${seconds()})`);
  const { auth, firestore, project } = stack.addresses;
  const environment = { firebase: { projectId: project, apiKey: "emulator" }, emulators: { auth, firestore } };
  const env = variables(environment);
  if (built === null) writeFileSync(join(folder, "environment.json"), JSON.stringify(environment));
  else {
    await npm(folder, ["run", "build"], env);
    check(true, `${name}: it builds (${seconds()})`);
  }
  const server = await (own ? own(folder) : serve(join(folder, built ?? "")));
  try {
    await seeLike(name, stack, open, server.address);
  } finally {
    server.stop();
  }
  await after?.(folder, env);
}

/** What each kind of app reads: Vite and Next.js put these into the build, the plain page asks for a file. */
function variables({ firebase, emulators }) {
  const given = { FIREBASE: JSON.stringify(firebase), EMULATORS: JSON.stringify(emulators) };
  const prefixed = ["VITE_", "NEXT_PUBLIC_"].flatMap(prefix =>
    Object.entries(given).map(([key, value]) => [`${prefix}${key}`, value]),
  );
  return { ...Object.fromEntries(prefixed), NEXT_TELEMETRY_DISABLED: "1" };
}

/** Signs somebody in, and likes their post. */
async function seeLike(name, stack, open, address) {
  const person = await stack.person("Ada");
  const page = await open();
  const outside = [];
  page.on("request", request => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") outside.push(request.url());
  });
  await page.goto(address);
  await page.locator("[name=email]").fill(person.email);
  await page.locator("[name=password]").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator('[data-testid="bell"][data-status="connected"]').waitFor();
  await page.getByTestId("bell").click();
  await page.getByTestId("inbox-empty").waitFor();
  const shown = page.evaluate(
    () =>
      new Promise(resolve => {
        const look = () => document.querySelector('[data-testid="notification-title"]') && resolve(Date.now());
        new MutationObserver(look).observe(document, { subtree: true, childList: true });
      }),
  );
  await stack.event({
    type: "post.liked",
    actor: { id: "carol", name: "Carol" },
    target: { type: "post", id: person.uid, title: "A walk in the Alps", url: "/posts/42" },
    recipients: [person.uid],
  });
  const accepted = Date.now();
  within(Math.max(0, (await shown) - accepted), 1000, `${name}: from the 202 to the page`);
  const title = await page.getByTestId("notification-title").textContent();
  check(title.includes("Carol") && title.includes("A walk in the Alps"), `${name}: it says who liked what`, title);
  await until("the badge", async () => (await page.getByTestId("badge").textContent()) === "1");
  check(outside.length === 0, `${name}: nothing is loaded from outside`, outside);
  await page.context().close();
}

/** What the page loads at first, as it is built for the emulators and for production. */
async function weigh(folder, env) {
  for (const [what, given] of [
    ["with emulators", env],
    ["in production", { ...env, VITE_EMULATORS: "" }],
  ]) {
    await npm(folder, ["run", "build"], given);
    const page = readFileSync(join(folder, "dist/index.html"), "utf8");
    const files = [...page.matchAll(/(?:src|href)="(\/[^"]*\.js)"/g)].map(([, file]) => file);
    const size = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, "dist", file))).length, 0) / 1000;
    const claim = `react ${what}: ${size.toFixed(1)} kB of JavaScript at first, of at most ${initialLimit}`;
    check(files.length > 0 && size <= initialLimit, claim, files);
  }
}
