import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The service worker: a plain script of its own, without imports, as every browser takes it. A page's build would put a
// preload helper into it that asks for a document.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: false,
  build: {
    outDir: "dist/lib",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/push/worker.ts", formats: ["iife"], name: "tidings", fileName: () => "worker.js" },
  },
});
