import { execFileSync } from "node:child_process";
import { join } from "node:path";
import vm from "node:vm";
import { build } from "vite";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { aNotification } from "../testing/notifications";
import { firestoreOf, Shelf } from "../testing/shelf";
import type * as core from "./index";

const web = join(import.meta.dirname, "../..");

/** What React Native gives, and nothing of a browser. */
const globals = { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, performance, console };

/** The package's entry `@tidings/web`, run where there is no browser, with `firestore` in the place of Firestore's files. */
async function load(firestore: object): Promise<typeof core> {
  const built = await build({
    root: web,
    configFile: false,
    logLevel: "silent",
    plugins: [
      {
        name: "firestore",
        enforce: "pre",
        resolveId: id => (id === "./firestore" ? "\0firestore" : null),
        load: id => (id === "\0firestore" ? `module.exports = globalThis.firestore;` : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      lib: { entry: "src/core/index.ts", formats: ["cjs"] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [first] = [built].flat();
  if (!first || !("output" in first)) throw new Error("nothing was built");
  const module = { exports: {} };
  const context = vm.createContext({ ...globals, firestore, module, exports: module.exports });
  vm.runInContext(first.output[0].code, context);
  return module.exports as typeof core;
}

describe("the core without a browser", () => {
  const shelf = new Shelf(100, { prompt: true });
  let openInbox: typeof core.openInbox;
  beforeAll(async () => {
    ({ openInbox } = await load(firestoreOf(() => shelf)));
  }, 60_000);

  it("names nothing that only a browser has", { timeout: 60_000 }, () => {
    const tsc = join(web, "node_modules/.bin/tsc");
    expect(() => execFileSync(tsc, ["-p", "tsconfig.headless.json"], { cwd: web, encoding: "utf8" })).not.toThrow();
  });

  it("opens, lists and marks, and knows of the app's own front and network", async () => {
    shelf.put(aNotification({ id: "one", title: "Carol wrote" }), aNotification({ id: "two" }));
    let setFront = (_front: boolean) => {};
    let setOnline = (_online: boolean) => {};
    const inbox = openInbox({
      app: { options: {} } as never,
      user: { uid: "bob", getIdToken: async () => "token" },
      environment: {
        watchVisible(listener) {
          setFront = listener;
          return () => {};
        },
        watchOnline(listener) {
          setOnline = listener;
          listener(true);
          return () => {};
        },
      },
    });
    await vi.waitFor(() => expect(shelf.listening()).toHaveLength(1));
    shelf.answer();
    expect(inbox.getSnapshot()).toMatchObject({ loaded: true, unreadCount: 2, connectionStatus: "connected" });
    expect(await inbox.markRead("one")).toBe("stored");
    expect(inbox.getSnapshot().unreadCount).toBe(1);
    expect((await inbox.markAllRead()).length).toBe(1);
    inbox.undo();
    await vi.waitFor(() => expect(inbox.getSnapshot().unreadCount).toBe(1));
    setFront(false);
    setFront(true);
    setOnline(false);
    expect(inbox.getSnapshot().connectionStatus).toBe("offline");
    inbox.close();
    expect(shelf.listening()).toEqual([]);
  });
});
