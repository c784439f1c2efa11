/**
 * The package as a product meets it: `npm pack`, installed into an empty Vite app, with types, styles and both entries.
 * Needs the npm registry for what the app is made of; without it there is nothing to run (exit 2), unless CI is set.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { check } from "./assertions.mjs";
import { NoRegistry, npm, pack } from "./fresh-app.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(web, "package.json"), "utf8"));
const { devDependencies: pinned, exports: exported } = manifest;
const folder = mkdtempSync(join(tmpdir(), "tidings-app-"));

const specifiers = Object.keys(exported).map(name => name.replace(/^\./, "@tidings/web"));
const files = specifiers.filter(name => /\.(css|json)$|\/worker$/.test(name)); // which nobody imports names from
const entries = specifiers.filter(name => !files.includes(name));

const app = {
  "package.json": JSON.stringify({
    name: "app",
    private: true,
    type: "module",
    dependencies: pick("firebase", "react", "react-dom"),
    devDependencies: pick("@types/react", "@types/react-dom", "typescript", "vite"),
  }),
  "index.html": '<!doctype html><div id="root"></div><script type="module" src="/src/main.tsx"></script>',
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      module: "ESNext",
      moduleResolution: "bundler",
      jsx: "react-jsx",
      strict: true,
      skipLibCheck: true, // as Vite's own template has it
      noEmit: true,
      types: ["vite/client"],
    },
    include: ["src"],
  }),
  "plain.json": JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2023", "DOM", "DOM.Iterable"],
      module: "NodeNext",
      strict: true,
      noEmit: true,
      types: [],
    },
    files: ["plain.ts"],
  }),
  "plain.ts": `
    import { type Inbox, openInbox } from "@tidings/web";
    import { german, type TidingsCenter } from "@tidings/web/elements";
    import "@tidings/web/worker";
    export function show(inbox: Inbox): typeof openInbox {
      const center: TidingsCenter | null = document.querySelector("tidings-center");
      if (center) Object.assign(center, { open: center.open, words: german }).inbox = inbox;
      document.addEventListener("tidings-open", event => console.log(event.detail.item.title));
      return openInbox;
    }`,
  // Every entry of the package, for the bundler and the types; node imports the same names by itself.
  "src/entries.ts": entries.map((entry, n) => `export * as entry${n} from "${entry}";`).join("\n"),
  "import.mjs": `
    for (const entry of ${JSON.stringify(entries)}) {
      const names = Object.keys(await import(entry));
      if (names.length === 0) throw new Error(entry + " exports nothing");
    }
    for (const file of ${JSON.stringify(files)}) import.meta.resolve(file);`,
  // As the README says it.
  "src/main.tsx": `
    import { type Inbox, openInbox } from "@tidings/web";
    import { NotificationCenter, TidingsProvider, Toasts, UrgentDialog, useUnreadCount } from "@tidings/web/react";
    import "./entries";
    import { openPresence } from "@tidings/web/presence";
    import { fcmTokens, openPush } from "@tidings/web/push";
    import "@tidings/web/styles.css";
    import { initializeApp } from "firebase/app";
    import { getAuth, onAuthStateChanged } from "firebase/auth";
    import { createRoot } from "react-dom/client";

    function Title() {
      return <title>{\`(\${useUnreadCount()}) App\`}</title>;
    }

    const app = initializeApp({ projectId: "demo", apiKey: "none" });
    const root = createRoot(document.getElementById("root") as HTMLElement);
    const registration = navigator.serviceWorker.register("/tidings-worker.js").catch(() => null);
    const source = fcmTokens(app, { vapidKey: "none" });
    let inbox: Inbox | null = null;
    onAuthStateChanged(getAuth(app), user => {
      inbox?.close();
      inbox = user && openInbox({ app, user });
      if (inbox) openPush({ app, inbox, registration, source });
      if (inbox && user) openPresence({ app, user, inbox });
      root.render(
        inbox && (
          <TidingsProvider inbox={inbox}>
            <Title />
            <NotificationCenter />
            <Toasts />
            <UrgentDialog />
          </TidingsProvider>
        ),
      );
    });
  `,
};

function pick(...names) {
  return Object.fromEntries(names.map(name => [name, pinned[name]]));
}

/** All of `npm publish` but the sending, which also needs somebody who is signed in. */
async function publishes(file) {
  const words = ["publish", "--dry-run", "--ignore-scripts", file];
  const { stderr } = await promisify(execFile)("npm", words, { cwd: folder });
  const warnings = stderr.split("\n").filter(line => /\bwarn\b/.test(line) && !line.includes("to be logged in"));
  check(warnings.length === 0, "npm publish --dry-run has no complaint", warnings);
  const { private: isPrivate = false, publishConfig, version } = manifest;
  check(
    !isPrivate && publishConfig.access === "public" && publishConfig.provenance,
    "it goes out to everybody, with its provenance",
  );
  const changes = readFileSync(join(web, "CHANGELOG.md"), "utf8");
  check(
    /^\d+\.\d+\.\d+$/.test(version) && changes.includes(`\n## ${version}\n`),
    `the changelog says what is new in ${version}`,
  );
}

try {
  const { file, files: names, size } = await pack(folder);
  const needed = [
    "index.js",
    "elements.js",
    "elements.LICENSES.md",
    "worker.js",
    "styles.css",
    "types/react/index.d.ts",
  ];
  const missing = ["README.md", "CHANGELOG.md", "LICENSE", ...needed.map(name => `dist/lib/${name}`)].filter(
    name => !names.includes(name),
  );
  check(missing.length === 0, `npm pack: ${names.length} files, ${Math.round(size / 1000)} kB`, missing);
  check(
    !names.some(name => /test|e2e|demo|example|node_modules/.test(name)),
    "nothing in it that a product does not need",
  );
  const licence = path => readFileSync(join(web, path), "utf8");
  check(licence("LICENSE") === licence("../LICENSE"), "its licence is the repository's");
  await npm(web, ["exec", "--", "publint", "--strict", file]);
  check(true, "publint finds nothing");
  // An ES module only, as Node since 20.19 may require it, too; the looks have no types.
  await npm(web, ["exec", "--", "attw", file, "--profile", "esm-only", "--exclude-entrypoints", "./styles.css"]);
  check(true, "arethetypeswrong finds nothing");
  for (const [name, text] of Object.entries(app)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  await npm(folder, ["install", "--prefer-offline", "--ignore-scripts", file]);
  await publishes(file);
  const installed = join(folder, "node_modules/@tidings/web");
  check(existsSync(join(installed, "dist/lib/react.js")), "it installs into an empty Vite app");
  check(!existsSync(join(installed, "node_modules")), "with the app's own React and Firebase, not further ones");
  const code = name => readFileSync(join(installed, "dist/lib", name), "utf8");
  check(!/^(import|export)\b/m.test(code("worker.js")), "the service worker is a script by itself");
  check(
    ["react.js", "presence-react.js"].every(name => code(name).startsWith('"use client";')),
    "what has React's hooks is a client component's to a server",
  );
  await promisify(execFile)(process.execPath, ["import.mjs"], { cwd: folder });
  check(true, `each of its entries can be imported in Node: ${entries.join(", ")}`);
  await npm(folder, ["exec", "--", "tsc"]);
  check(true, "the app's types are right");
  rmSync(join(folder, "node_modules/@types"), { recursive: true });
  await npm(folder, ["exec", "--", "tsc", "-p", "plain.json"]);
  check(true, "so are a plain page's, where there are none of React, with all libraries checked");
  await npm(folder, ["exec", "--", "vite", "build", "--logLevel", "error"]);
  const assets = readdirSync(join(folder, "dist/assets"));
  check(
    assets.some(name => name.startsWith("late-")) && assets.some(name => name.endsWith(".css")),
    `it builds; Firestore is in files of its own: ${assets.join(", ")}`,
  );
} catch (error) {
  console.error(error instanceof NoRegistry ? error.message : `FAIL ${error.message}\n${error.stderr ?? ""}`);
  process.exitCode = error instanceof NoRegistry ? 2 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
