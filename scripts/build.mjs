// Builds dist/: the command, the capture thread and the library as bundles, type declarations, and the wasm kernels.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { buildWasm } from "./build-wasm.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });

const bundle = await rolldown({
  cwd: root,
  input: {
    cli: "src/cli/main.ts",
    "capture-thread": "src/capture/thread.ts",
    index: "src/index.ts",
  },
  platform: "node",
  logLevel: "warn",
  onLog(level, log, handler) {
    // Dependencies are bundled as they are; what they do at their top level is their business.
    if (level === "warn" && log.code === "EVAL") return;
    handler(level, log);
  },
});
await bundle.write({
  dir: dist,
  format: "esm",
  entryFileNames: "[name].mjs",
  chunkFileNames: "chunk-[name]-[hash].mjs",
  minify: false,
  sourcemap: false,
});
await bundle.close();

cpSync(await buildWasm(), join(dist, "kernels.wasm"));

if (!process.argv.includes("--no-types")) {
  const types = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript7/bin/tsc"), "-p", join(root, "tsconfig.types.json")],
    { stdio: "inherit" },
  );
  if (types.status !== 0) process.exit(types.status ?? 1);
}
