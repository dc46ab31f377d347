import { parentPort, workerData } from "node:worker_threads";
import { pageMemory } from "../../src/capture/memory-loan.ts";
import {
  createBufferPool,
  createFastEngine,
  indexedType,
  readFooter,
  scanChunk,
  walkPages,
} from "../../src/parquet/index.ts";
import { ThetaBuilder } from "../../src/sketch/index.ts";
import { localStore } from "../../src/storage/index.ts";
import type { ThreadResult, ThreadSetup } from "./ours.ts";
import { createStagedEngine } from "./staged-engine.ts";

const { file, depth, module, memory: budget, next }: ThreadSetup = workerData;
const { signal } = new AbortController();
const engine =
  depth === "decompress" || depth === "levels" ? createStagedEngine(depth) : createFastEngine({ module });
// As a capture thread opens it.
const store = localStore({ inPlace: true });
const buffers = createBufferPool();
const { windowBytes } = budget;
const shared = pageMemory(budget, engine);
// One chunk at a time has what two would have.
const memory = { ...shared, chunkBytes: 2 * shared.chunkBytes };
const taken = new Int32Array(next);

async function run(): Promise<ThreadResult> {
  const source = await store.open(file, { signal });
  const footer = await readFooter(source, { signal });
  const chunks = footer.rowGroups.flatMap((rowGroup) =>
    rowGroup.chunks.map((chunk) => ({ rowGroup, chunk })),
  );
  const builders = new Map<string, ThetaBuilder>();
  let pages = 0;

  /** One chunk after the other: bytes are read in place, as a capture thread does with a local file. */
  async function lane(): Promise<void> {
    for (;;) {
      const item = chunks[Atomics.add(taken, 0, 1)];
      if (item === undefined) return;
      const { rowGroup, chunk } = item;
      const bounds = indexedType(chunk.leaf);
      if (bounds === undefined) continue;
      if (depth === "read") {
        for await (const _page of walkPages(source, footer, rowGroup, chunk, {
          signal,
          buffers,
          windowBytes,
        }))
          pages++;
        continue;
      }
      let distinct: ThetaBuilder | undefined;
      if (depth === "ndv") {
        distinct = builders.get(chunk.leaf.name) ?? new ThetaBuilder();
        builders.set(chunk.leaf.name, distinct);
      }
      const options = { engine, bounds, distinct, signal, buffers, windowBytes, memory };
      const rows = await scanChunk(source, footer, rowGroup, chunk, options);
      pages += rows.length;
    }
  }

  await lane();
  await source.close();
  return { pages, sketches: new Map([...builders].map(([name, builder]) => [name, builder.result()])) };
}

parentPort?.on("message", () => {
  run().then(
    (result) => parentPort?.postMessage(result),
    (error: unknown) => {
      throw error;
    },
  );
});
parentPort?.postMessage({ pages: 0, sketches: new Map() } satisfies ThreadResult);
