import { cpSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
// @ts-expect-error: a script without types
import { buildWasm } from "../../scripts/build-wasm.mjs";

/** Bundles a benchmark's `child.ts` and the capture thread like the package is bundled, so that processes start as the product does. */
export async function bundleChild(folder: string, child = "bench/stats/child.ts"): Promise<string> {
  const root = join(import.meta.dirname, "../..");
  const bundle = await rolldown({
    cwd: root,
    input: { child, "capture-thread": "src/capture/thread.ts" },
    platform: "node",
    logLevel: "silent",
  });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
  });
  await bundle.close();
  cpSync(await buildWasm(), join(folder, "kernels.wasm"));
  return join(folder, "child.mjs");
}
