import { Worker } from "node:worker_threads";
import { captureResources, type MemoryBudget } from "../../src/capture/index.ts";
import { allowCollection } from "../../src/capture/memory-loan.ts";
import { MAX_YOUNG_MIB } from "../../src/capture/pool.ts";
import { readEnvironment } from "../../src/config/index.ts";
import { type ThetaSketch, thetaEstimate, unionThetas } from "../../src/sketch/index.ts";
import { kernelsModule } from "../../src/wasm/index.ts";
import type { Runner } from "./runner.ts";

/** How far a run goes: each depth does what the one before does, and more. Differences are the stages' shares of time. */
export type Depth = "read" | "decompress" | "levels" | "pages" | "ndv";

export interface ThreadSetup {
  readonly file: string;
  readonly depth: Depth;
  readonly module: WebAssembly.Module;
  /** As the product deals it out. */
  readonly memory: MemoryBudget;
  /** Number of the next chunk to take, shared by the threads. */
  readonly next: SharedArrayBuffer;
}

/** What a thread gives back for a run. */
export interface ThreadResult {
  readonly pages: number;
  readonly sketches: ReadonlyMap<string, ThetaSketch>;
}

/** The engine on so many threads, which take one chunk after the other; within the memory that the product takes by default. */
export async function ourRunner(
  file: string,
  threads: number,
  depth: Depth,
  maxMemoryBytes: number | undefined,
): Promise<Runner> {
  const next = new SharedArrayBuffer(4);
  const { memory } = captureResources({ threads, maxMemoryBytes }, readEnvironment());
  allowCollection();
  const setup: ThreadSetup = { file, depth, module: kernelsModule(), memory, next };
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(new URL("./thread.ts", import.meta.url), {
        workerData: setup,
        resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MIB },
      }),
  );
  await Promise.all(workers.map((worker) => nextMessage(worker)));
  return {
    async run() {
      new Int32Array(next)[0] = 0;
      for (const worker of workers) worker.postMessage("run");
      const results: ThreadResult[] = await Promise.all(workers.map((worker) => nextMessage(worker)));
      const estimates = new Map<string, number>();
      for (const column of new Set(results.flatMap((r) => [...r.sketches.keys()]))) {
        const parts = results.flatMap((r) => r.sketches.get(column) ?? []);
        estimates.set(column, thetaEstimate(unionThetas(parts)));
      }
      const pages = results.reduce((sum, r) => sum + r.pages, 0);
      return depth === "ndv" ? `${pages} pages, ${estimates.size} estimates` : `${pages} pages`;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function nextMessage(worker: Worker): Promise<ThreadResult> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      action();
    };
    const onMessage = (message: ThreadResult) => settle(() => resolve(message));
    const onError = (error: Error) => settle(() => reject(error));
    worker.on("message", onMessage);
    worker.on("error", onError);
  });
}
