import { defineConfig } from "vite";

// The package that others install: ES modules with their dependencies left outside, so that a product has one React and
// one Firebase. Types come from tsc (tsconfig.lib.json). It lies within dist, which is the demo's: `npm pack` makes it anew.
export default defineConfig({
  build: {
    outDir: "dist/lib",
    target: "es2022",
    minify: false, // the product's own build does that
    lib: {
      entry: { index: "src/core/index.ts", react: "src/react/index.ts", push: "src/push/index.ts" },
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^firebase\//, /^react(\/|-dom|$)/, "virtua"],
      output: {
        chunkFileNames: "[name].js",
        banner: chunk => (/^(presence-)?react$/.test(chunk.name) ? '"use client";' : ""),
      },
    },
  },
});
