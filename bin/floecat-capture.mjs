#!/usr/bin/env node
// Says which Node it needs before anything newer is imported, so that an old one gets a sentence and not a stack trace.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(
    `floecat-capture needs Node.js 22.15 or newer (this is ${process.versions.node}): install one from https://nodejs.org`,
  );
  process.exit(2);
}
await import("../dist/cli.mjs");
