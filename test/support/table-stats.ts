import { buildFileStats } from "../../src/capture/file-stats.ts";
import type { FileStats, Generation } from "../../src/model/index.ts";
import { readFooter } from "../../src/parquet/index.ts";
import type { ObjectStore } from "../../src/storage/index.ts";
import { averageWidths, footerMetrics, type TableSnapshot } from "../../src/table/index.ts";

const signal = new AbortController().signal;

/** FILE values of a snapshot, without threads and without NDV: what its metadata and its footers say. */
export async function fileStatsOf(
  store: ObjectStore,
  snapshot: TableSnapshot,
  generation: Generation,
): Promise<FileStats[]> {
  const stats: FileStats[] = [];
  const names = snapshot.columns
    .filter((column) => column.included)
    .map((column) => column.topLevelName ?? "");
  for (const file of await snapshot.files({ signal })) {
    let metrics = file.metrics.source === "metadata" ? file.metrics.metrics : undefined;
    let widths = new Map<string, bigint>();
    if (file.readable) {
      await using handle = await store.open(file.path, { signal });
      const footer = await readFooter(handle, { signal });
      widths = averageWidths(footer, names);
      if (file.metrics.source === "footer") metrics = footerMetrics(footer, file.metrics.plan, file.path);
    }
    if (metrics === undefined) throw new Error(`${file.path} has no metrics`);
    stats.push(buildFileStats(file, metrics, snapshot.columns, { widths, ndv: new Map() }, generation));
  }
  return stats;
}
