import { defineConfig } from "vitest/config";

// `npm run dev` shows the demo against a running stack (`go run ./emulator`), wherever its web server listens.
const stack = "http://127.0.0.1:7400";

export default defineConfig({
  root: "demo",
  // Firestore is loaded after the first paint and is large by nature: the limit watches everything else.
  build: { outDir: "../dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 600 },
  server: { host: "127.0.0.1", proxy: { "/stack.json": stack, "/v1": stack, "/producer-token": stack } },
  test: { root: ".", include: ["src/**/*.test.ts", "demo/**/*.test.ts"] },
});
