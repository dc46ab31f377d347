// Builds dist/: the command, the capture thread and the library as bundles, type declarations, and the wasm kernels.
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { buildWasm } from "./build-wasm.mjs";
import { removeUnreachable } from "./package/declarations.mjs";
import { thirdPartyNotices } from "./package/notices.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });

// What stays outside the bundle is what a user installs with the package: large libraries that few need, loaded when used.
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const outside = Object.keys(dependencies);

const bundle = await rolldown({
  cwd: root,
  external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
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
const { output } = await bundle.write({
  dir: dist,
  format: "esm",
  entryFileNames: "[name].mjs",
  chunkFileNames: "chunk-[name]-[hash].mjs",
  minify: false,
  sourcemap: false,
});
await bundle.close();

writeFileSync(
  join(dist, "THIRD-PARTY-NOTICES.txt"),
  thirdPartyNotices(output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []))),
);
await buildStatusPage();
cpSync(await buildWasm(), join(dist, "kernels.wasm"));

if (!process.argv.includes("--no-types")) {
  const types = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript7/bin/tsc"), "-p", join(root, "tsconfig.types.json")],
    { stdio: "inherit" },
  );
  if (types.status !== 0) process.exit(types.status ?? 1);
  removeUnreachable(dist, "index.d.ts");
}

/** The page that the HTTP server hands out: one script and one stylesheet for the browser, and the markup as it is. */
async function buildStatusPage() {
  const source = join(root, "src/dashboard/page");
  const target = join(dist, "status-page");
  const page = await rolldown({
    cwd: root,
    input: join(source, "main.ts"),
    platform: "browser",
    logLevel: "warn",
  });
  await page.write({ file: join(target, "page.js"), format: "esm", minify: true, sourcemap: false });
  await page.close();
  cpSync(join(source, "index.html"), join(target, "index.html"));
  const styles = ["base.css", "page-index.css"].map((name) =>
    readFileSync(join(source, "styles", name), "utf8"),
  );
  writeFileSync(join(target, "page.css"), styles.join("\n"));
}
