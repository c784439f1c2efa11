/**
 * The package as a product meets it: `npm pack`, installed into an empty Vite app, with types, styles and both entries.
 * Needs the npm registry for what the app is made of; without it there is nothing to run (exit 2), unless CI is set.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));
const { devDependencies: pinned, exports: exported } = JSON.parse(readFileSync(join(web, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "tidings-app-"));

const specifiers = Object.keys(exported).map(name => name.replace(/^\./, "@tidings/web"));
const files = specifiers.filter(name => /\.css$|\/worker$/.test(name)); // which nobody imports names from
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
  // As the README says it.
  // Every entry of the package, for the bundler and the types; node imports the same names by itself.
  "src/entries.ts": entries.map((entry, n) => `export * as entry${n} from "${entry}";`).join("\n"),
  "import.mjs": `
    for (const entry of ${JSON.stringify(entries)}) {
      const names = Object.keys(await import(entry));
      if (names.length === 0) throw new Error(entry + " exports nothing");
    }
    for (const file of ${JSON.stringify(files)}) import.meta.resolve(file);`,
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

function npm(cwd, ...words) {
  const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };
  return execFileSync("npm", words, {
    cwd,
    env: { ...process.env, ...quiet },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function check(holds, claim) {
  if (!holds) throw new Error(claim);
  console.log(`ok   ${claim}`);
}

try {
  npm(web, "run", "lib");
  const packed = JSON.parse(npm(web, "pack", "--json", "--ignore-scripts", "--pack-destination", folder));
  const { filename, files, size } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
  const names = files.map(({ path }) => path);
  check(
    names.includes("dist/lib/index.js") &&
      names.includes("dist/lib/types/react/index.d.ts") &&
      names.includes("dist/lib/worker.js") &&
      names.includes("dist/lib/styles.css") &&
      names.includes("README.md"),
    `npm pack: ${names.length} files, ${Math.round(size / 1000)} kB`,
  );
  check(!names.some(name => /test|e2e|demo|node_modules/.test(name)), "nothing in it that a product does not need");
  for (const [name, text] of Object.entries(app)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  check(
    !/^(import|export)\b/m.test(readFileSync(join(web, "dist/lib/worker.js"), "utf8")),
    "the service worker is a script by itself",
  );
  npm(folder, "install", "--prefer-offline", "--ignore-scripts", join(folder, filename));
  check(existsSync(join(folder, "node_modules/@tidings/web/dist/lib/react.js")), "it installs into an empty Vite app");
  check(
    !existsSync(join(folder, "node_modules/@tidings/web/node_modules")),
    "with the app's own React and Firebase, not further ones",
  );
  execFileSync(process.execPath, ["import.mjs"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  check(true, `each of its entries can be imported in Node: ${entries.join(", ")}`);
  npm(folder, "exec", "--", "tsc");
  check(true, "the app's types are right");
  npm(folder, "exec", "--", "vite", "build", "--logLevel", "error");
  const assets = readdirSync(join(folder, "dist/assets"));
  check(
    assets.some(name => name.startsWith("firestore-")) && assets.some(name => name.endsWith(".css")),
    `it builds; Firestore is in files of its own: ${assets.join(", ")}`,
  );
} catch (error) {
  const said = `${error.stderr ?? ""}${error.stdout ?? ""}`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(said) && !process.env.CI) {
    console.error("no npm registry: the package cannot be installed into an app");
    process.exitCode = 2;
  } else {
    console.error(`FAIL ${error.message}\n${said}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
