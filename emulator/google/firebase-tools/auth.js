// Runs the Auth emulator of firebase-tools alone: node auth.js HOST PORT PROJECT
//
// `firebase emulators:start --only auth` starts the same class, after 15 s and with two more ports. Nearly all of that
// time goes into compiling a validator for each of the API's operations; its router can do that at an operation's first
// use instead, which firebase-tools only does not ask for.
"use strict";

const [host, port, projectId] = process.argv.slice(2);

const router = require("exegesis-express");
const middleware = router.middleware;
router.middleware = (api, options) => middleware(api, { ...options, lazyCompileValidationSchemas: true });

const { AuthEmulator } = require("firebase-tools/lib/emulator/auth");
const { EmulatorRegistry } = require("firebase-tools/lib/emulator/registry");

EmulatorRegistry.start(new AuthEmulator({ host, port: Number(port), projectId, singleProjectMode: 0 })).catch((err) => {
  console.error(err);
  process.exit(1);
});
