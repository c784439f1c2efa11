/**
 * All browser tests on one running stack, one after the other: `ADDRESSES=file npm run e2e`. What each of them reads from
 * the environment is in kit.mjs. `npm run e2e -- tabs offline` runs those two. Exits with 1 if one failed, 2 if there is
 * nothing to run.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const scripts = [
  "likes",
  "sources",
  "states",
  "tabs",
  "offline",
  "outage",
  "toasts",
  "keyboard",
  "axe",
  "hostile",
  "speed",
  "package",
];
const asked = process.argv.slice(2);
const unknown = asked.filter(name => !scripts.includes(name));
if (unknown.length > 0) {
  console.error(`no such test: ${unknown.join(", ")}; there are ${scripts.join(", ")}`);
  process.exit(1);
}

const failed = [];
let ran = 0;
for (const name of asked.length > 0 ? asked : scripts) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], {
    stdio: "inherit",
  });
  if (status === 0) ran++;
  else if (status !== 2) failed.push(name);
  console.log(`   ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
console.log(failed.length > 0 ? `\nFAILED: ${failed.join(", ")}` : `\n${ran} passed`);
process.exitCode = failed.length > 0 ? 1 : ran > 0 ? 0 : 2;
