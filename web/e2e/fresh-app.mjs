/**
 * Apps that are made anew from `examples/`: the package as `npm pack` makes it, installed into a copy in a temporary folder,
 * built as the example's own `npm run build` does, and served on this machine.
 */
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Failure } from "./assertions.mjs";

const web = fileURLToPath(new URL("..", import.meta.url));
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/;

/** There is no npm registry, so that nothing can be installed. */
export class NoRegistry extends Error {}

// npm alone would wait five minutes for a registry that does not answer, three times, for each package.
const bounds = { npm_config_fetch_timeout: "60000", npm_config_fetch_retries: "1" };
const longest = 4 * 60_000;

/** Runs npm in a folder and answers what it printed. Without a registry it throws NoRegistry, unless CI is set. */
export async function npm(cwd, words, env = {}) {
  const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false" };
  try {
    const options = { cwd, env: { ...process.env, ...quiet, ...bounds, ...env }, maxBuffer: 2 ** 26, timeout: longest };
    return (await promisify(execFile)("npm", words, options)).stdout;
  } catch (error) {
    const said = `${error.stdout}${error.stderr}`;
    if (unreachable.test(said) && !process.env.CI) throw new NoRegistry("no npm registry: nothing can be installed");
    throw new Failure(`npm ${words.join(" ")}: ${error.message}\n${said}`);
  }
}

/** Gives `body` a temporary folder, which goes afterwards. */
export async function inFolder(body) {
  const folder = mkdtempSync(join(tmpdir(), "tidings-app-"));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Packs the package from a copy of its sources, so that scripts that run at once do not build into each other's files.
 * Answers `{file, files, size}`: the tarball, the names in it, and its bytes.
 */
export async function pack(folder) {
  const copy = join(folder, "source");
  for (const name of ["src", "package.json", "README.md", "CHANGELOG.md", "LICENSE", "declarations.mjs"]) {
    cpSync(join(web, name), join(copy, name), { recursive: true });
  }
  for (const name of [
    "tsconfig.json",
    "tsconfig.lib.json",
    ...["lib", "elements", "worker"].map(one => `vite.${one}.config.ts`),
  ]) {
    cpSync(join(web, name), join(copy, name));
  }
  symlinkSync(join(web, "node_modules"), join(copy, "node_modules"));
  await npm(copy, ["run", "lib"]);
  const told = JSON.parse(await npm(copy, ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]));
  const { filename, files, size } = Array.isArray(told) ? told[0] : Object.values(told)[0];
  return { file: join(folder, filename), files: files.map(({ path }) => path), size };
}

/** Copies an example into a folder, and installs the tarball and what else it is made of; `versions` replace its own. */
export async function install(example, tarball, folder, versions = {}) {
  cpSync(join(web, "examples", example), folder, { recursive: true });
  const file = join(folder, "package.json");
  const made = JSON.parse(readFileSync(file, "utf8"));
  made.dependencies["@tidings/web"] = `file:${tarball}`;
  for (const part of [made.dependencies, made.devDependencies ?? {}]) {
    for (const name of Object.keys(part)) part[name] = versions[name] ?? part[name];
  }
  writeFileSync(file, JSON.stringify(made));
  await npm(folder, ["install", "--prefer-offline", "--no-audit", "--no-fund"]);
}

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json" };

/** Serves a folder on a port of its own. Answers its address, and what ends it. */
export async function serve(folder) {
  const server = createServer((request, answer) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    try {
      const body = readFileSync(file);
      answer.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Starts the app's own server, which prints its address. */
export async function start(folder, binary, words) {
  const server = spawn(join(folder, "node_modules/.bin", binary), words, { cwd: folder });
  const said = [];
  const address = await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", () => reject(new Failure(`${binary} ended: ${said.join("")}`)));
    for (const stream of [server.stdout, server.stderr]) {
      stream.on("data", piece => {
        said.push(piece);
        const found = /http:\/\/(?:localhost|127\.0\.0\.1):(\d+)/.exec(said.join(""));
        if (found) resolve(`http://127.0.0.1:${found[1]}/`);
      });
    }
  });
  return { address, stop: () => server.kill() };
}
