import {
  type CapturedColumn,
  type CapturedFolder,
  viewsFromDataFile,
  viewsFromStatistics,
} from "../captured/index.ts";
import type { FileIndex, IndexedFile, IndexSource } from "../dashboard/index.ts";
import type { PageIndexRow } from "../model/index.ts";
import { rawRanges } from "../pruning/index.ts";

/** The page index of a capture's folder, which doesn't change while it is looked at. */
export async function capturedIndexSource(
  captured: CapturedFolder,
  options: { readonly name: string; readonly signal: AbortSignal },
): Promise<IndexSource> {
  const { signal } = options;
  const columns = new Map<string, readonly CapturedColumn[]>();
  for await (const record of captured.statistics({ signal })) {
    if (record.filePath !== undefined) columns.set(record.filePath, record.columns);
  }
  const files: IndexedFile[] = [];
  // Absent where it is 0, which is what tables without snapshots have.
  let snapshotId = "";
  for await (const artifact of captured.artifacts({ signal })) {
    const { filePath, sha256, json } = artifact;
    if (typeof json.snapshotId === "string") snapshotId = json.snapshotId;
    files.push({
      path: filePath,
      version: sha256,
      async load(loading) {
        const rows = await captured.pageRows(artifact, { signal: loading });
        const index = fileIndex(rows, columns.get(filePath) ?? []);
        const isOpen = [...rawRanges(rows).keys()].some((name) => !index.views.has(name));
        // Where the statistics don't say what a column's integers mean, the data file does, if it is still there.
        const views = isOpen ? await viewsFromDataFile(filePath, { signal: loading }) : undefined;
        return views === undefined ? index : { ...index, views };
      },
    });
  }
  return {
    tables: async () => [{ key: "captured", name: options.name, snapshotId, fileCount: files.length }],
    files: async (key) => (key === "captured" ? files : undefined),
  };
}

export function fileIndex(rows: readonly PageIndexRow[], columns: readonly CapturedColumn[]): FileIndex {
  return {
    rows,
    views: viewsFromStatistics(rows, columns),
    types: new Map(columns.map(({ displayName, logicalType }) => [displayName, logicalType])),
  };
}
