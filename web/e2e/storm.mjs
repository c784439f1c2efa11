/**
 * The package's own page for storms: core and components as they are, with a hand that the test moves instead of
 * Firestore. The emulator sends a listener its whole list again at every commit and manages a dozen commits a second of a
 * list of 100, so that a storm through it would measure the emulator.
 */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const source = `
  import { createElement } from "react";
  import { createRoot } from "react-dom/client";
  import { openInbox } from "/src/core/index.ts";
  import { NotificationCenter, TidingsProvider, Toasts } from "/src/react/index.ts";
  import "/src/react/styles.css";
  const user = { uid: "ada", getIdToken: async () => "" };
  const inbox = openInbox({ app: { options: {} }, user });
  createRoot(document.getElementById("root")).render(
    createElement(TidingsProvider, { inbox }, createElement(NotificationCenter), createElement(Toasts)));
`;

const firestore = `
  export const listen = (app, uid, list, after, observer) => { if (list === "recent") window.feed = observer; return () => {}; };
  export const readPage = async () => ({ items: [], fromCache: false, next: null });
  export const write = async () => "stored";
  export const writeAll = async (app, uid, marks) => marks.map(() => "stored");
  export const examine = async () => "alive";
  export const reconnect = async () => {};
  export const hasEnded = async () => false;
  export const askServer = async () => ({ offset: 0, profile: {} });
  export const replaceFirestore = () => {};
  export const forget = async () => {};
`;

const name = "\0storm";

/** The page as one HTML document. */
export async function stormPage() {
  const { output } = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [
      {
        name: "storm",
        enforce: "pre",
        resolveId: id => (id === "virtual:storm" ? name : null),
        load: id => (id === name ? source : id.endsWith("/core/firestore/index.ts") ? firestore : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "virtual:storm", output: { codeSplitting: false } },
    },
  });
  const code = output.find(one => one.type === "chunk").code;
  const css = output.find(one => one.fileName.endsWith(".css")).source;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Storm</title><style>${css}</style>
    <div id="root"></div><script type="module">${code.replaceAll("</script", "<\\/script")}</script></html>`;
}
