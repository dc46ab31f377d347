import type { ByteSource, PageIndexRow } from "../model/index.ts";
import {
  type ChunkRows,
  createFastEngine,
  type FileMetadata,
  indexChunks,
  indexedRanges,
  indexPages,
  type PageEngine,
  type PageMemory,
  readFooter,
  type SchemaLeaf,
} from "../parquet/index.ts";
import {
  type AskCredentials,
  createSemaphore,
  type ObjectStore,
  openStore,
  type Semaphore,
  type StoreSettings,
} from "../storage/index.ts";
import { averageWidths, footerMetrics } from "../table/index.ts";
import { countingSource } from "./counting-source.ts";
import { distinctCollector } from "./distinct.ts";
import { indexedPaths } from "./indexed-columns.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { pageMemory } from "./memory-loan.ts";
import { byWantedName, namesInFile } from "./names-in-file.ts";
import { makeSidecar, type Sidecar } from "./sidecar.ts";
import type { FileTask, FileTaskResult, SketchResult, TaskProgress } from "./task.ts";

/**
 * One file, start to end, in whatever thread this runs: one footer read, one pass over the wanted chunks, which serves page
 * rows and distinct values alike. Rejects with `UnreadableFileError` and the store's errors; with `signal.reason` when
 * cancelled.
 */
async function captureFileTask(
  task: FileTask,
  context: ThreadContext,
  options: FileCaptureOptions,
): Promise<FileTaskResult> {
  if (task.gathered !== undefined) {
    return { ...NOTHING, sidecar: makeSidecar(task.gathered, task.path) };
  }
  if (task.turn !== undefined) {
    const wantsFooter = task.footerPlan !== undefined || task.widthNames.length > 0;
    if (!wantsFooter && isAllTaken(task.turn)) return NOTHING;
    return await captureShare({ ...task, turn: task.turn }, context, options);
  }
  const extrasOnly = task.footerPlan === undefined && task.index === undefined;
  if (!extrasOnly) return await captureFile(task, context, options);
  try {
    return await captureFile(task, context, options);
  } catch (error) {
    options.signal.throwIfAborted();
    // Widths and distinct values that can't be had are left out; the file's record comes from the metadata (decision 34).
    const reason = error instanceof Error ? error.message : String(error);
    return { ...NOTHING, warnings: [`widths and distinct values are left out: ${reason}`] };
  }
}

export interface FileCaptureOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
  /** What this thread may take; undefined: what the engine allows. */
  readonly memory?: MemoryBudget | undefined;
}

const NOTHING: FileTaskResult = {
  footerRowCount: undefined,
  metrics: undefined,
  widths: new Map(),
  distinct: undefined,
  sidecar: undefined,
  bytesRead: 0,
  requests: 0,
  warnings: [],
};

async function captureFile(
  task: FileTask,
  context: ThreadContext,
  options: FileCaptureOptions,
): Promise<FileTaskResult> {
  await using handle = await context.storeFor(task.store).open(task.path, {
    signal: options.signal,
    known: task.known,
  });
  const source = countingSource(handle, options.onProgress);
  const footer = await readFooter(source, { signal: options.signal });
  const warnings: string[] = [];
  const scan = await scanPages(task, source, footer, warnings, context, options);
  return {
    ...footerFigures(task, footer),
    distinct: scan.distinct,
    sidecar: scan.sidecar,
    bytesRead: source.bytesRead(),
    requests: source.requests(),
    warnings,
  };
}

function footerFigures(task: FileTask, footer: FileMetadata) {
  return {
    footerRowCount: footer.rowGroups.reduce((sum, rowGroup) => sum + BigInt(rowGroup.rowCount), 0n),
    metrics: task.footerPlan === undefined ? undefined : footerMetrics(footer, task.footerPlan, task.path),
    widths: widthsOf(task, footer),
  };
}

function widthsOf({ widthNames, fieldIds }: FileTask, footer: FileMetadata): ReadonlyMap<string, bigint> {
  if (fieldIds === undefined) return averageWidths(footer, widthNames);
  const nameOf = namesInFile(footer.schema.root.children, { names: widthNames, fieldIds });
  return byWantedName(averageWidths(footer, [...nameOf.keys()]), nameOf);
}

function distinctOf({ distinct, fieldIds }: FileTask, footer: FileMetadata) {
  return distinct && distinctCollector(footer, { ...distinct, fieldIds });
}

/** One task's share of a file: footer figures where they are asked for, and the chunks that it is the first to take. */
async function captureShare(
  task: FileTask & { readonly turn: SharedArrayBuffer },
  context: ThreadContext,
  options: FileCaptureOptions,
): Promise<FileTaskResult> {
  await using handle = await context.storeFor(task.store).open(task.path, {
    signal: options.signal,
    known: task.known,
  });
  const source = countingSource(handle, options.onProgress);
  const footer = await readFooter(source, { signal: options.signal });
  const warnings: string[] = [];
  const distinct = distinctOf(task, footer);
  const chunks: ChunkRows[] = [];
  const shared = indexChunks(source, footer, {
    ...scanOptions(task, footer, warnings, options),
    distinctOf: distinct?.sinkOf,
    takeChunk: (chunkCount) => takeTurn(task.turn, chunkCount),
    unitBytes: task.remoteBytes === undefined ? undefined : SHARED_UNIT_BYTES,
  });
  for await (const chunk of shared) chunks.push(chunk);
  return {
    ...footerFigures(task, footer),
    distinct: distinct?.finish(),
    sidecar: undefined,
    chunks,
    bytesRead: source.bytesRead(),
    requests: source.requests(),
    warnings,
  };
}

/** Of a shared file across a network, what a thread takes at a time: few requests for each, and some for every thread. */
const SHARED_UNIT_BYTES = 8 * 1024 * 1024;
const NEXT = 0;
const COUNT = 1;

function takeTurn(turn: SharedArrayBuffer, chunkCount: number): number {
  const state = new Int32Array(turn);
  Atomics.store(state, COUNT, chunkCount + 1);
  return Atomics.add(state, NEXT, 1);
}

/** A task that comes late needs not even open the file. */
function isAllTaken(turn: SharedArrayBuffer): boolean {
  const state = new Int32Array(turn);
  const countAndOne = Atomics.load(state, COUNT);
  return countAndOne > 0 && Atomics.load(state, NEXT) >= countAndOne - 1;
}

interface Scan {
  readonly sidecar: Sidecar | undefined;
  readonly distinct: ReadonlyMap<string, SketchResult> | undefined;
}

async function scanPages(
  task: FileTask,
  source: ByteSource,
  footer: FileMetadata,
  warnings: string[],
  context: ThreadContext,
  fileOptions: FileCaptureOptions,
): Promise<Scan> {
  const { signal } = fileOptions;
  const distinct = distinctOf(task, footer);
  if (task.index === undefined && distinct === undefined) return { sidecar: undefined, distinct: undefined };
  const options = scanOptions(task, footer, warnings, fileOptions);
  // Fetched from now on; decoded when it is this file's turn in the thread.
  source.willRead?.(
    indexedRanges(source, footer, { columns: options.columns, distinctOf: distinct?.sinkOf }),
  );
  const leave = await context.decoding.enter(signal);
  try {
    return await decodePages(task, source, footer, { distinct, options, warnings });
  } finally {
    leave();
  }
}

async function decodePages(
  task: FileTask,
  source: ByteSource,
  footer: FileMetadata,
  { distinct, options, warnings }: Decoding,
): Promise<Scan> {
  const rows: PageIndexRow[] = [];
  const collect = async (
    distinctOf: ((leaf: SchemaLeaf) => ReturnType<NonNullable<typeof distinct>["sinkOf"]>) | undefined,
  ) => {
    for await (const chunkRows of indexPages(source, footer, { ...options, distinctOf })) {
      for (const row of chunkRows) rows.push(row);
    }
  };
  let sketches: ReadonlyMap<string, SketchResult> | undefined;
  if (distinct === undefined) {
    await collect(undefined);
  } else {
    try {
      await collect(distinct.sinkOf);
      sketches = distinct.finish();
    } catch (error) {
      options.signal.throwIfAborted();
      // Distinct values of a file that can't be had are left out, the group goes on (decision 34); if the page index meets
      // the same trouble, that ends the file.
      warnings.push(
        `${source.path}: distinct values are left out: ${error instanceof Error ? error.message : String(error)}`,
      );
      rows.length = 0;
      if (task.index !== undefined) await collect(undefined);
    }
  }
  if (task.index === undefined) return { sidecar: undefined, distinct: sketches };
  return { sidecar: makeSidecar(rows, task.path), distinct: sketches };
}

interface Decoding {
  readonly distinct: ReturnType<typeof distinctOf>;
  readonly options: ReturnType<typeof scanOptions>;
  readonly warnings: string[];
}

function scanOptions(
  task: FileTask,
  footer: FileMetadata,
  warnings: string[],
  { signal, memory }: FileCaptureOptions,
) {
  return {
    engine: threadEngine(),
    signal,
    memory: memory && threadMemory(memory),
    windowBytes: memory?.windowBytes,
    crc: task.crc,
    onWarning: (message: string) => warnings.push(message),
    columns: task.index === undefined ? NO_COLUMNS : indexedPaths(footer.schema.leaves, task.index.columns),
  };
}

const NO_COLUMNS: ReadonlySet<string> = new Set();

let engine: PageEngine | undefined;

/** One engine a thread, made when first needed. */
function threadEngine(): PageEngine {
  engine ??= createFastEngine();
  return engine;
}

let lastMemory: { readonly budget: MemoryBudget; readonly memory: PageMemory } | undefined;

/** One a thread: it knows what the engine has kept. */
function threadMemory(budget: MemoryBudget): PageMemory {
  if (lastMemory?.budget !== budget) lastMemory = { budget, memory: pageMemory(budget, threadEngine()) };
  return lastMemory.memory;
}

/** Stores whose connections are kept: those of the captures that run at the same time. */
const MAX_STORES = 8;

/** What the tasks of one thread share. */
interface ThreadContext {
  storeFor(settings: StoreSettings): ObjectStore;
  /** One file is decoded at a time; the others are fetched meanwhile. */
  readonly decoding: Semaphore;
}

/** Captures files in the calling thread, which has nothing else to do. */
export function createFileCapture({
  credentials,
}: {
  readonly credentials?: AskCredentials;
} = {}): (task: FileTask, options: FileCaptureOptions) => Promise<FileTaskResult> {
  const stores = new Map<string, ObjectStore>();
  const context: ThreadContext = {
    decoding: createSemaphore(1),
    storeFor(settings) {
      const key = JSON.stringify(settings);
      const store =
        stores.get(key) ?? openStore(settings, { inPlace: true, ...(credentials && { credentials }) });
      // A map's order is that of insertion: the first is the one that was used longest ago. Tasks that still read keep it alive.
      stores.delete(key);
      stores.set(key, store);
      const [oldest = key] = stores.keys();
      if (stores.size > MAX_STORES) stores.delete(oldest);
      return store;
    },
  };
  return (task, options) => captureFileTask(task, context, options);
}
