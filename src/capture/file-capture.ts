import type { ByteSource, PageIndexRow } from "../model/index.ts";
import {
  createFastEngine,
  type FileMetadata,
  indexPages,
  type PageEngine,
  readFooter,
  type SchemaLeaf,
} from "../parquet/index.ts";
import { type ObjectStore, openStore, type StoreSettings } from "../storage/index.ts";
import { averageWidths, footerMetrics } from "../table/index.ts";
import { countingSource } from "./counting-source.ts";
import { distinctCollector } from "./distinct.ts";
import { indexedPaths } from "./indexed-columns.ts";
import { makeSidecar, type Sidecar } from "./sidecar.ts";
import type { FileTask, FileTaskResult, SketchResult, TaskProgress } from "./task.ts";

/**
 * One file, start to end, in whatever thread this runs: one footer read, one pass over the wanted chunks, which serves page
 * rows and distinct values alike. Rejects with `UnreadableFileError` and the store's errors; with `signal.reason` when
 * cancelled.
 */
export async function captureFileTask(task: FileTask, options: FileCaptureOptions): Promise<FileTaskResult> {
  const extrasOnly = task.footerPlan === undefined && task.index === undefined;
  if (!extrasOnly) return await captureFile(task, options);
  try {
    return await captureFile(task, options);
  } catch (error) {
    options.signal.throwIfAborted();
    // Widths and distinct values that can't be had are left out; the file's record comes from the metadata (decision 34).
    return withoutExtras(
      `widths and distinct values are left out: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export interface FileCaptureOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

function withoutExtras(warning: string): FileTaskResult {
  return {
    footerRowCount: undefined,
    metrics: undefined,
    widths: new Map(),
    distinct: undefined,
    sidecar: undefined,
    bytesRead: 0,
    requests: 0,
    warnings: [warning],
  };
}

async function captureFile(task: FileTask, options: FileCaptureOptions): Promise<FileTaskResult> {
  await using handle = await storeFor(task.store).open(task.path, { signal: options.signal });
  const source = countingSource(handle, options.onProgress);
  const footer = await readFooter(source, { signal: options.signal });
  const warnings: string[] = [];
  const scan = await scanPages(task, source, footer, warnings, options.signal);
  return {
    footerRowCount: footer.rowGroups.reduce((sum, rowGroup) => sum + BigInt(rowGroup.rowCount), 0n),
    metrics: task.footerPlan === undefined ? undefined : footerMetrics(footer, task.footerPlan, task.path),
    widths: averageWidths(footer, task.widthNames),
    distinct: scan.distinct,
    sidecar: scan.sidecar,
    bytesRead: source.bytesRead(),
    requests: source.requests(),
    warnings,
  };
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
  signal: AbortSignal,
): Promise<Scan> {
  const distinct = task.distinct && distinctCollector(footer, task.distinct);
  if (task.index === undefined && distinct === undefined) return { sidecar: undefined, distinct: undefined };
  const options = {
    engine: threadEngine(),
    signal,
    crc: task.crc,
    onWarning: (message: string) => warnings.push(message),
    columns: task.index === undefined ? NO_COLUMNS : indexedPaths(footer.schema.leaves, task.index.columns),
  };
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
      signal.throwIfAborted();
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

const NO_COLUMNS: ReadonlySet<string> = new Set();

let engine: PageEngine | undefined;

/** One engine a thread, made when first needed. */
function threadEngine(): PageEngine {
  engine ??= createFastEngine();
  return engine;
}

let lastStore: { readonly key: string; readonly store: ObjectStore } | undefined;

/** Tasks of one capture share a store, so that connections are shared too. */
function storeFor(settings: StoreSettings): ObjectStore {
  const key = JSON.stringify(settings);
  if (lastStore?.key !== key) lastStore = { key, store: openStore(settings) };
  return lastStore.store;
}
