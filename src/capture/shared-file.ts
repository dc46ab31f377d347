import { unionThetas } from "../sketch/index.ts";
import type { CapturePool, RunOptions } from "./pool.ts";
import type { FileTask, FileTaskResult, SketchResult } from "./task.ts";

/** Files from this size on are decoded by several threads at a time. */
export const SHARED_FILE_BYTES = 32 * 1024 * 1024;

/**
 * Captures one large file on all threads of the pool: its column chunks are taken one after the other by whichever thread is
 * free. The result is that of one thread, byte for byte: rows go back into file order, and the union of sketches does not depend
 * on how the values were dealt out (07 §6.5). Rejects with the first error that any thread met.
 */
export async function captureSharedFile(
  task: FileTask,
  pool: CapturePool,
  options: RunOptions,
): Promise<FileTaskResult> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const turn = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  const read = new Array<number>(pool.threads).fill(0);
  const shares = await Promise.all(
    read.map(async (_, share) => {
      const shareTask =
        share === 0 ? { ...task, turn } : { ...task, turn, footerPlan: undefined, widthNames: [] };
      try {
        return await pool.run(shareTask, {
          signal,
          onProgress({ bytesRead }) {
            read[share] = bytesRead;
            options.onProgress?.({ bytesRead: read.reduce((sum, bytes) => sum + bytes, 0) });
          },
        });
      } catch (error) {
        failed.abort(error);
        throw error;
      }
    }),
  );
  const [first] = shares;
  if (first === undefined) throw new Error("a pool has one thread at least");
  const finished =
    task.index === undefined
      ? undefined
      : await pool.run({ ...task, gathered: gatheredRows(shares) }, { signal: options.signal });
  return {
    ...first,
    footerRowCount: shares.find((share) => share.footerRowCount !== undefined)?.footerRowCount,
    distinct: task.distinct && unionOfSketches(shares, task.distinct.k),
    sidecar: finished?.sidecar,
    chunks: undefined,
    bytesRead: shares.reduce((sum, share) => sum + share.bytesRead, 0),
    requests: shares.reduce((sum, share) => sum + share.requests, 0),
    warnings: shares.flatMap((share) => share.warnings),
  };
}

function gatheredRows(shares: readonly FileTaskResult[]) {
  return shares
    .flatMap((share) => share.chunks ?? [])
    .sort((a, b) => a.ordinal - b.ordinal)
    .flatMap((chunk) => chunk.rows);
}

function unionOfSketches(shares: readonly FileTaskResult[], k: number): ReadonlyMap<string, SketchResult> {
  const union = new Map<string, SketchResult>();
  for (const { distinct } of shares) {
    for (const [name, found] of distinct ?? []) {
      const known = union.get(name);
      union.set(
        name,
        known === undefined
          ? found
          : { sketch: unionThetas([known.sketch, found.sketch], k), rowsSeen: found.rowsSeen },
      );
    }
  }
  return union;
}
