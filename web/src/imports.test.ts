import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, ".");

/** Which of our files each of our files imports, types too: what the compiler erases, a reader still has to follow. */
function importsOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map(name => join(folder, name))
    .filter(name => /\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name));
  const known = new Set(files);
  return new Map(
    files.map(file => {
      const paths = [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(\.[^"]*)"/g)];
      const targets = paths.flatMap(([, path = ""]) => {
        const target = join(dirname(file), path);
        return [`${target}.ts`, `${target}.tsx`, join(target, "index.ts")].filter(name => known.has(name));
      });
      return [file, targets];
    }),
  );
}

function circleFrom(file: string, imports: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const came = new Map<string, string | null>([[file, null]]);
  for (const at of came.keys()) {
    for (const next of imports.get(at) ?? []) {
      if (next === file) {
        const way = [file];
        for (let step: string | null = at; step !== null; step = came.get(step) ?? null) way.unshift(step);
        return way;
      }
      if (!came.has(next)) came.set(next, at);
    }
  }
  return null;
}

it("run in one direction: no file imports itself by way of others", () => {
  const imports = importsOf(root);
  expect(imports.size).toBeGreaterThan(50);
  const circles = [...imports.keys()].flatMap(file => circleFrom(file, imports) ?? []);
  expect(circles.map(file => relative(root, file))).toEqual([]);
});

it("fit on a few screens: no file has more than 300 lines", () => {
  const long = [...importsOf(root).keys()].filter(file => readFileSync(file, "utf8").split("\n").length > 301);
  expect(long.map(file => relative(root, file))).toEqual([]);
});

it("say so where they cannot be had: what loads late is loaded by loadOnce, everywhere", () => {
  const loading = [...importsOf(root).keys()].map(file => {
    const text = readFileSync(file, "utf8");
    const count = (pattern: RegExp) => [...text.matchAll(pattern)].length;
    return { file: relative(root, file), all: count(/\bimport\(/g), once: count(/loadOnce\([^;]*?\bimport\(/g) };
  });
  expect(loading.filter(({ all }) => all > 0).length).toBeGreaterThan(4);
  expect(loading.filter(({ all, once }) => all !== once)).toEqual([]);
});
