import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The components as elements, for pages without React: with all that they need. Preact takes React's place in it,
// and they have 27 kB (gzip) instead of 94; `e2e/elements.mjs` watches over that. Plain pages load the files as they are.
export default defineConfig({
  define: { "process.env.NODE_ENV": '"production"' },
  publicDir: false,
  resolve: {
    alias: [
      { find: /^react$/, replacement: fileURLToPath(new URL("src/elements/preact.ts", import.meta.url)) },
      { find: /^react-dom$/, replacement: "preact/compat" },
      { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
      { find: /^react\/jsx-runtime$/, replacement: "preact/jsx-runtime" },
    ],
  },
  build: {
    outDir: "dist/lib",
    emptyOutDir: false,
    target: "es2022",
    license: { fileName: "elements.LICENSES.md" },
    lib: { entry: { elements: "src/elements/index.ts" }, formats: ["es"] },
    rolldownOptions: { external: [/^firebase\//], output: { chunkFileNames: "elements-[name].js" } },
  },
});
