/**
 * All browser tests on a running stack: `ADDRESSES=file npm run e2e`. What each of them reads from the environment is in
 * kit.mjs. `npm run e2e -- tabs offline` runs those two. One after the other, as measurements ask for; JOBS=2 runs two
 * at a time where only right and wrong count, with SLOW set, and prints what failed; ALONE=file is another stack, for
 * those that need one to themselves; QUICK=1 leaves out what takes minutes. Exits with 1 if one failed, 2 if there is
 * nothing to run.
 */
import { spawn } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

// These use the people of the demo, and move the clock of all: never beside another one.
const alone = ["likes", "sources", "demo", "newcomer", "push", "presence", "preferences"];
// These have people of their own. The longest come first.
const together = [
  "outage",
  "axe",
  "axe-400",
  "apps",
  "package",
  "tabs",
  "toasts",
  "holding",
  "speed",
  "hostile",
  "alerts",
  "keyboard",
  "presses",
  "offline",
  "states",
  "edges",
  "rows",
  "why",
  "insight",
  "react",
  "host",
  "elements",
  "refusals",
  "deeds", // it goes by the database's time: where a clock was moved, it cannot pass
];
const scripts = [...alone, ...together];
// Minutes: they build apps, or look at every state in every look. QUICK leaves them out.
const thorough = [
  "apps",
  "package",
  "axe",
  "axe-400",
  "outage",
  "states",
  "edges",
  "holding",
  "rows",
  "react",
  "elements",
  "host",
  "speed",
  "hostile",
  "preferences",
  "refusals",
  "why",
  "insight",
];
const asked = process.argv.slice(2);
const jobs = Number(process.env.JOBS ?? 1);
const { ADDRESSES, ALONE = ADDRESSES } = process.env;
const unknown = asked.filter(name => !scripts.includes(name));
if (unknown.length > 0) {
  console.error(`no such test: ${unknown.join(", ")}; there are ${scripts.join(", ")}`);
  process.exit(1);
}

const leftOut = process.env.QUICK && asked.length === 0 ? thorough : [];
const failed = [];
let ran = 0;
const playing = new Map(); // what each script that runs has said so far, by its process

// Every wait within a script has its bound. This one is for what hangs all the same: the longest script takes three minutes on two busy cores.
const limit = 10 * 60_000;

/** Runs one script, and prints what it said when it is over. */
async function play(name) {
  const started = Date.now();
  const script = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url))], {
    env: { ...process.env, ADDRESSES: alone.includes(name) ? ALONE : ADDRESSES },
  });
  const said = [];
  playing.set(script, said);
  const streams = [script.stdout, script.stderr];
  for (const stream of streams) stream.on("data", piece => said.push(piece));
  const hangs = setTimeout(() => {
    said.push(Buffer.from(`FAIL has not ended within ${limit / 60_000} minutes, and was killed\n`));
    script.kill("SIGKILL");
    for (const stream of streams) stream.destroy(); // what it has started may hold them
  }, limit);
  const status = await new Promise(resolve => script.on("close", resolve));
  clearTimeout(hangs);
  playing.delete(script);
  if (status === 0) ran++;
  else if (status !== 2) failed.push(name);
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(status === 0 && jobs > 1 ? `ok ${name} ${took}` : `\n== ${name}\n${Buffer.concat(said)}   ${took}`);
}

// Who ends this ends what it runs, and hears what that has said so far.
process.on("SIGTERM", () => {
  for (const [script, said] of playing) {
    script.kill("SIGKILL");
    console.log(`\n== ${basename(script.spawnargs[1])}, which has not ended\n${Buffer.concat(said)}`);
  }
  console.log(`\nended by SIGTERM; FAILED so far: ${failed.join(", ") || "nothing"}`);
  process.exit(1);
});

const isWanted = name => (asked.length === 0 ? !leftOut.includes(name) : asked.includes(name));

/** Takes scripts from the list, and runs one after the other. */
async function playAll(waiting) {
  for (let name = waiting.shift(); name; name = waiting.shift()) await play(name);
}

const others = together.filter(isWanted);
const first = playAll(alone.filter(isWanted));
if (ALONE === ADDRESSES) await first;
await Promise.all(
  Array.from({ length: jobs }, (_, job) => (job === 0 ? first.then(() => playAll(others)) : playAll(others))),
);
if (jobs > 1 && failed.length > 0) {
  // Beside others a page may have been slow where the official Firestore emulator is not to be hurried: it loses a write that it
  // takes while it registers a listener. What fails alone as well is wrong.
  const again = failed.splice(0);
  console.log(`\nagain, alone: ${again.join(", ")}`);
  for (const name of again) await play(name);
}
if (leftOut.length > 0) console.log(`\nleft out: ${leftOut.join(", ")}`);
console.log(failed.length > 0 ? `\nFAILED: ${failed.join(", ")}` : `\n${ran} passed`);
process.exitCode = failed.length > 0 ? 1 : ran > 0 ? 0 : 2;
