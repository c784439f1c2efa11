import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

// The package that others install: ES modules with their dependencies left outside, so that a product has one React and
// one Firebase. Types come from tsc (tsconfig.lib.json). It lies within dist, which is the demo's: `npm pack` makes it anew.
export default defineConfig({
  plugins: [styles()],
  build: {
    outDir: "dist/lib",
    target: "es2022",
    minify: false, // the product's own build does that
    cssMinify: true, // but not for the looks of the preferences, which are a text to it
    lib: {
      entry: {
        index: "src/core/index.ts",
        preferences: "src/core/preferences/index.ts",
        react: "src/react/index.ts",
        push: "src/push/index.ts",
        presence: "src/presence/index.ts",
        "presence-react": "src/presence/react.ts",
      },
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^firebase\//, /^react(\/|-dom|$)/],
      output: {
        chunkFileNames: "[name].js",
        banner: chunk => (/^(presence-)?react$/.test(chunk.name) ? '"use client";' : ""),
      },
    },
  },
});

/** The looks in one file, as they are written, for the product's build to minify. */
function styles(): Plugin {
  const folder = fileURLToPath(new URL("src/", import.meta.url));
  const read = (name: string) => readFileSync(`${folder}${name}`, "utf8");
  return {
    name: "tidings-styles",
    generateBundle() {
      const react = read("react/styles.css").replace(
        /@import "\.\/(.*)";\n/g,
        (_, name: string) => `${read(`react/${name}`)}\n`,
      );
      this.emitFile({ type: "asset", fileName: "styles.css", source: react + read("elements/elements.css") });
    },
  };
}
