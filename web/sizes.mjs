/**
 * What a page that uses the package has to load, minified and gzipped, against the limits; part of `npm run check`.
 * Prints one line per limit, and exits with 1 if one is broken. `--table`
 * (`npm run sizes`) prints the same as a table for a README or a release.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, loadConfigFromFile } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
// What Vite puts around every import() in a page: a product has it with its own, or has another builder.
const preload = "vite/preload-helper";
const firebase = /^firebase\/|^@firebase\//;
const react = /^react(\/|-dom|$)/;

/**
 * Builds `source` as the entry of a page, with `external` left out. Answers the kB of what loads at first, of what loads later, and of
 * the preferences.
 */
async function weigh(source, external, alias = []) {
  const name = "\0sizes";
  const { output } = await build({
    root,
    configFile: false,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { alias },
    plugins: [
      {
        name: "preload",
        enforce: "pre",
        load: id => (id.includes(preload) ? "export const __vitePreload = load => load();" : null),
      },
      {
        name: "sizes",
        resolveId: id => (id === "virtual:page" ? name : null),
        load: id => (id === name ? source : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "virtual:page", external, preserveEntrySignatures: "allow-extension" },
    },
  });
  const chunks = new Map(output.filter(one => one.type === "chunk").map(chunk => [chunk.fileName, chunk]));
  const first = new Set();
  const follow = file => {
    if (!chunks.has(file) || first.has(file)) return;
    first.add(file);
    for (const next of chunks.get(file).imports) follow(next);
  };
  for (const chunk of chunks.values()) if (chunk.isEntry) follow(chunk.fileName);
  const gzip = files => files.reduce((sum, { code }) => sum + gzipSync(code).length / 1000, 0);
  const late = [...chunks.values()].filter(chunk => !first.has(chunk.fileName));
  const isPreferences = chunk => Object.keys(chunk.modules).some(module => module.includes("/preferences/"));
  return {
    first: gzip([...chunks.values()].filter(chunk => first.has(chunk.fileName))),
    later: gzip(late.filter(chunk => !isPreferences(chunk))),
    preferences: gzip(late.filter(isPreferences)),
    css: gzip(output.filter(one => one.fileName.endsWith(".css")).map(({ source }) => ({ code: source }))),
  };
}

// All of it, but in one language: a product takes the words of another one instead, and its build drops the rest.
const own = `
  export * from "/src/core/index.ts";
  export {
    english, NotificationBell, NotificationCenter, NotificationPanel, TidingsProvider, Toasts, UrgentDialog,
    useArchived, useInbox, useNotifications, useNow, useUnreadCount,
  } from "/src/react/index.ts";`;
const signIn = `
  import { initializeApp } from "firebase/app";
  import { indexedDBLocalPersistence, initializeAuth, signInWithEmailAndPassword } from "firebase/auth";
  export { initializeApp, indexedDBLocalPersistence, initializeAuth, signInWithEmailAndPassword };`;

const table = process.argv.includes("--table");
if (table) console.log("| gzip kB | limit | what |\n| --- | --- | --- |");
let broken = 0;
function limit(kilobytes, most, what) {
  const holds = kilobytes <= most;
  if (!holds) broken++;
  if (table) return console.log(`| ${kilobytes.toFixed(1)} | ${most} | ${what} |`);
  console.log(`${holds ? "ok  " : "FAIL"} ${kilobytes.toFixed(1)} kB of at most ${most} kB: ${what}`);
}

const parts = await weigh(own, [firebase, react]);
const page = await weigh(`${own}${signIn}`, [react]);
const push = await weigh('export * from "/src/push/index.ts";', [firebase]);
const presence = await weigh(
  'export * from "/src/presence/index.ts"; export { usePresence } from "/src/presence/react.ts";',
  [firebase, react],
);
const worker = await weigh('import "/src/push/worker.ts";', []);
const css = await weigh('import "/src/react/styles.css";', []);
limit(parts.first, 17.9, "our core and components, in one language, at the start");
limit(
  parts.first + parts.later,
  33,
  "all of it but the preferences, with what comes later: Firestore's side, announcements, the marks, the opened centre",
);
limit(parts.preferences, 12.4, "the preferences, when they are opened, with their looks");
limit(page.first - parts.first, 28, "of Firebase (app and auth) at the start");
limit(push.first, 2.5, "for pushes, beside the core (Firestore and FCM's SDK come when they are needed)");
limit(presence.first, 2.2, "for presence, beside the core");
limit(worker.first, 3, "the service worker");
const { config } = await loadConfigFromFile({ command: "build" }, "vite.elements.config.ts", root, "silent");
const elements = await weigh('import "/src/elements/index.ts";', [firebase], config.resolve.alias);
limit(elements.first + elements.later, 27, "the custom elements with Preact, beside the core");
limit(css.css, 4, "of CSS");
console.log(`     ${(page.later - parts.later).toFixed(1)} kB of Firestore come after the first paint`);
process.exitCode = broken > 0 ? 1 : 0;
