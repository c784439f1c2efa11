/**
 * A small product of its own around the package, built from the sources: for what the demo does not do. The page is served
 * under the stack's own address, signs the person in, and leaves its parts in `window.product`.
 */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const react = `
  import { initializeApp } from "firebase/app";
  import { connectAuthEmulator, initializeAuth, inMemoryPersistence, signInWithEmailAndPassword } from "firebase/auth";
  import { doc, getDoc, getDocFromServer, getFirestore, setDoc } from "firebase/firestore";
  import { createElement } from "react";
  import { createRoot } from "react-dom/client";
  import { openInbox } from "/src/core/index.ts";
  import { NotificationCenter, TidingsProvider, Toasts } from "/src/react/index.ts";
  import "/src/react/styles.css";

  const { stack, person, firestore } = window.given;
  globalThis.__FIREBASE_DEFAULTS__ = { emulatorHosts: { firestore } };
  const app = initializeApp({ projectId: stack.project, apiKey: "emulator" });
  const auth = initializeAuth(app, { persistence: inMemoryPersistence });
  connectAuthEmulator(auth, stack.auth, { disableWarnings: true });
  const { user } = await signInWithEmailAndPassword(auth, person.email, person.password);
  const inbox = openInbox({ app, user });
  const profile = () => doc(getFirestore(app), "users", user.uid);
  window.product = {
    inbox,
    signOut: () => auth.signOut(),
    terminate: () => getFirestore(app)._firestoreClient.terminate(),
    read: () => getDocFromServer(profile()).then(() => "read", error => error.message),
  };
  createRoot(document.getElementById("root")).render(
    createElement(TidingsProvider, { inbox }, createElement(NotificationCenter), createElement(Toasts)));
`;

const name = "\0product";

async function script({ source, alias }) {
  const { output } = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { alias },
    plugins: [
      {
        name: "product",
        resolveId: id => (id === "virtual:product" ? name : null),
        load: id => (id === name ? source : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "virtual:product", output: { codeSplitting: false } },
    },
  });
  const code = output.find(one => one.type === "chunk").code;
  const css = output.find(one => one.fileName.endsWith(".css")).source;
  return { code, css };
}

/**
 * Answers what opens the product for a person; `firestore` is where it finds Firestore, if not where it is. A product of
 * another kind brings its source, what its imports stand for, and its page.
 */
export async function buildProduct({
  stack,
  open,
  source = react,
  alias = [],
  html = '<h1>Product</h1><div id="root"></div>',
}) {
  const { code, css } = await script({ source, alias });
  return async (person, { firestore = stack.addresses.firestore, before, ...options } = {}) => {
    const address = `${stack.addresses.web}/product.html`;
    const given = { person, firestore, stack: await (await fetch(`${stack.addresses.web}/stack.json`)).json() };
    const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Product</title><style>${css}</style>
      ${html}<script>window.given = ${JSON.stringify(given)}</script>
      <script type="module" src="/product.js"></script></html>`;
    const page = await open({
      ...options,
      before: async page => {
        await page.route(address, route => route.fulfill({ contentType: "text/html", body }));
        await page.route("**/product.js", route => route.fulfill({ contentType: "text/javascript", body: code }));
        await before?.(page);
      },
    });
    await page.goto(address);
    await page.locator('[data-testid="bell"][data-status="connected"]').first().waitFor();
    return page;
  };
}
