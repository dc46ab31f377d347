// Compiles assembly/ to src/wasm/kernels.wasm, where sources find it, and to dist/kernels.wasm if there is a dist/. Does nothing
// when the result is newer than every source, unless told --force.
import { copyFileSync, existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const output = join(root, "src/wasm/kernels.wasm");

/** Compiles if needed; returns the path of the module. */
export async function buildWasm({ force = false } = {}) {
  if (force || isStale()) {
    // renamed into place, so that a test run beside this one never reads half a module
    const unfinished = join(root, `src/wasm/kernels.${process.pid}.wasm`);
    const { default: asc } = await import("assemblyscript/asc");
    const { error, stderr } = await asc.main([
      join(root, "assembly/index.ts"),
      ...["--outFile", unfinished],
      ...["--runtime", "stub", "--use", "abort=", "--noAssert"],
      ...["--enable", "simd,bulk-memory"],
      ...["-O3", "--converge", "--lowMemoryLimit=0"],
    ]);
    if (error) throw new Error(`the kernels don't compile: ${stderr.toString()}`, { cause: error });
    renameSync(unfinished, output);
  }
  return output;
}

function isStale() {
  if (!existsSync(output)) return true;
  const built = statSync(output).mtimeMs;
  const sources = readdirSync(join(root, "assembly")).map((name) => join(root, "assembly", name));
  return [...sources, fileURLToPath(import.meta.url)].some((path) => statSync(path).mtimeMs > built);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = await buildWasm({ force: process.argv.includes("--force") });
  if (existsSync(join(root, "dist"))) copyFileSync(path, join(root, "dist/kernels.wasm"));
}
