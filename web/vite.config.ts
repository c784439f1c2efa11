import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the demo against a running stack (`go run ./emulator`), wherever its web server listens.
const stack = "http://127.0.0.1:7400";

export default defineConfig({
  root: "demo",
  plugins: [worker(), policy()],
  // Firestore is loaded after the first paint and is large by nature: the limit watches everything else.
  build: { outDir: "../dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 600 },
  server: { host: "127.0.0.1", proxy: { "/stack.json": stack, "/v1": stack, "/producer-token": stack } },
  test: { root: ".", include: ["src/**/*.test.ts", "demo/**/*.test.ts"] },
});

/**
 * The built demo loads nothing from outside of this machine, and the browser sees to that. Scripts and styles are the demo's own
 * files; nothing is inline.
 */
function policy(): Plugin {
  const local = ["'self'", "http://127.0.0.1:*", "http://localhost:*", "http://*.localhost:*"].join(" ");
  const content = `default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src ${local}`;
  const attrs = { "http-equiv": "Content-Security-Policy", content };
  return {
    name: "tidings-policy",
    apply: "build",
    transformIndexHtml: () => [{ tag: "meta", attrs, injectTo: "head-prepend" }],
  };
}

/** The package's service worker at /worker.js, where a product puts it, too. */
function worker(): Plugin {
  const configFile = fileURLToPath(new URL("vite.worker.config.ts", import.meta.url));
  async function script(): Promise<string> {
    const built = await build({ configFile, logLevel: "warn", build: { write: false } });
    const outputs = Array.isArray(built) ? built : [built];
    const chunk = outputs.flatMap(one => ("output" in one ? one.output : [])).find(one => one.type === "chunk");
    return chunk?.type === "chunk" ? chunk.code : "";
  }
  return {
    name: "tidings-worker",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: "worker.js", source: await script() });
    },
    configureServer(server) {
      server.middlewares.use("/worker.js", async (_, answer) => {
        answer.setHeader("Content-Type", "text/javascript").end(await script());
      });
    },
  };
}
