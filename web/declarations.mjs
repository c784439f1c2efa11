/**
 * The last step of `npm run lib`: names the file in each import of the types. tsc writes "./list" as the sources do; Node's
 * own way of looking up modules, which a product's compiler may follow, wants "./list.js".
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const types = fileURLToPath(new URL("dist/lib/types/", import.meta.url));

function named(file, specifier) {
  const path = join(dirname(file), specifier);
  if (existsSync(`${path}.d.ts`)) return `${specifier}.js`;
  if (existsSync(join(path, "index.d.ts"))) return `${specifier}/index.js`;
  throw new Error(`${file} imports ${specifier}, which is not there.`);
}

for (const name of readdirSync(types, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const file = join(types, name);
  const text = readFileSync(file, "utf8").replace(
    /(\bfrom |\bimport\(|^import )"(\.[^"]*)"/gm,
    (_, before, specifier) => `${before}"${named(file, specifier)}"`,
  );
  writeFileSync(file, text);
}

// The service worker exports nothing; whoever imports it in a worker's source gets the types of that.
writeFileSync(join(types, "push/worker.d.ts"), "export {};\n");
