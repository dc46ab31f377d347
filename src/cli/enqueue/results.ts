import type { ResultItem } from "../../control-plane/client.ts";
import { FILE_CONTENT } from "../../model/index.ts";
import { loadRecordCodec, type RecordCodec } from "../../protocol/index.ts";
import type { FileRow, TableReport } from "../capture/report.ts";
import type { OutputFolder } from "../output-folder.ts";

/**
 * Reads the results of a finished table, file by file, and writes them to `out` in the layout of `capture` if one is given.
 */
export async function readResults(
  items: AsyncIterable<ResultItem>,
  elapsedMs: number,
  out?: OutputFolder,
): Promise<TableReport> {
  let uri = "";
  let snapshotId = 0n;
  let tableId = "";
  let codec: RecordCodec | undefined;
  const files = new Map<string, FileRow>();
  const merge = (path: string, figures: Partial<FileRow>) =>
    files.set(path, { ...(files.get(path) ?? { path, ...NOTHING_KNOWN }), ...figures });
  for await (const item of items) {
    if (item.kind === "header") {
      uri = item.tableUri;
      snapshotId = item.snapshotId;
      tableId = item.tableId;
      codec = await loadRecordCodec(item.generation);
      continue;
    }
    if (codec === undefined) throw new Error("the control plane sent a result without a header");
    if (item.kind === "stats") {
      const record = codec.statsFromBytes(item.record);
      await out?.addStats(record, codec.statsToJson(record));
      if (record.value.kind === "file") {
        const { filePath, rowCount, sizeBytes, columns, fileContent } = record.value.file;
        const isData = fileContent === FILE_CONTENT.data;
        merge(filePath, { isData, rows: rowCount, sizeBytes, columns: columns.length });
      }
    } else {
      const record = codec.artifactFromBytes(item.record);
      await out?.addArtifact(codec.artifactToJson(record));
      await out?.addSidecar(item.content);
      merge(record.filePath, { pages: Number(record.coverage.pagesIndexed ?? 0n) });
    }
  }
  return {
    uri,
    format: "",
    tableId,
    snapshotId,
    files: [...files.values()],
    failures: [],
    warnings: [],
    elapsedMs,
  };
}

const NOTHING_KNOWN = {
  isData: true,
  rows: undefined,
  columns: undefined,
  pages: undefined,
  sizeBytes: undefined,
  bytesRead: undefined,
  requests: undefined,
  elapsedMs: undefined,
};
