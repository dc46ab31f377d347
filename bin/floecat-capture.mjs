#!/usr/bin/env node
// Says what is missing before anything newer is imported, so that it is a sentence and not a stack trace.
import { existsSync } from "node:fs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(
    `floecat-capture needs Node.js 22.15 or newer (this is ${process.versions.node}): install one from https://nodejs.org`,
  );
  process.exit(2);
}
const bundle = new URL("../dist/cli.mjs", import.meta.url);
if (!existsSync(bundle)) {
  console.error("floecat-capture is not built yet: run `npm run build` first");
  process.exit(2);
}
await import(bundle.href);
