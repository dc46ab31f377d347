import { createHash } from "node:crypto";
import type { FileStats, IndexArtifact, IndexCoverage, ResourceId, StatsRecord } from "../model/index.ts";
import { isJavaBlank } from "../types/index.ts";
import { artifactUri } from "./artifact-uri.ts";
import type { PageSummary, Sidecar } from "./sidecar.ts";

/**
 * The `IndexArtifactRecord` of one planned file's sidecar, 06 §5. A readable file without rows
 * gets an empty "bootstrap" sidecar even when it has no FILE record (decision 9; the reference fails the group there).
 */
export function buildArtifact(input: {
  readonly tableId: ResourceId;
  readonly snapshotId: bigint;
  /** As planned, unmodified. */
  readonly filePath: string;
  readonly sidecar: Sidecar;
  /** The file's own record of this run (`fileStatsByPath`), if there is one. */
  readonly fileStats?: FileStats | undefined;
  /** One clock reading a group (06 §5.1). */
  readonly createdAtMs: number;
}): IndexArtifact {
  const { tableId, snapshotId, filePath, fileStats, createdAtMs } = input;
  const { content, summary } = input.sidecar;
  const sha256 = createHash("sha256").update(content).digest();
  const figures = fileStats ?? figuresFromPages(summary);
  return {
    content,
    record: {
      tableId,
      snapshotId,
      filePath,
      artifactUri: artifactUri(tableId, snapshotId, filePath, sha256.toString("hex")),
      contentSha256B64: sha256.toString("base64"),
      createdAtMs,
      coverage: coverageOf(figures, summary),
      sourceFileFormat: sourceFormatOf(fileStats),
      properties: propertiesOf(fileStats, summary),
    },
  };
}

/** The FILE record that 06 §5.4 uses for each path: of several, the last. */
export function fileStatsByPath(records: Iterable<StatsRecord>): ReadonlyMap<string, FileStats> {
  const byPath = new Map<string, FileStats>();
  for (const { value } of records) {
    if (value.kind === "file" && !isJavaBlank(value.file.filePath))
      byPath.set(value.file.filePath, value.file);
  }
  return byPath;
}

/** `FileContent` by number (01 §5.1). */
const FILE_CONTENT_NAMES = [
  "FC_UNSPECIFIED",
  "FC_DATA",
  "FC_POSITION_DELETES",
  "FC_EQUALITY_DELETES",
] as const;

/**
 * What stands in for a missing FILE record, 06 §5.4 rule 2. The row count is that of the largest page, not of the file: a
 * quirk that has to be matched. Dictionary pages are not counted.
 */
function figuresFromPages(summary: PageSummary): { rowCount: bigint; sizeBytes: bigint } {
  return { rowCount: BigInt(summary.maxPageRows), sizeBytes: summary.pageBytes };
}

/** The FILE record's own word for it; an Iceberg delete file has none (06 §5.4). */
function sourceFormatOf(fileStats: FileStats | undefined): string {
  return fileStats === undefined || isJavaBlank(fileStats.fileFormat) ? "parquet" : fileStats.fileFormat;
}

/** 06 §5.3: a figure that is zero is "not set". */
function coverageOf(
  figures: { readonly rowCount: bigint; readonly sizeBytes: bigint },
  summary: PageSummary,
): IndexCoverage {
  const rowsIndexed = figures.rowCount > 0n ? figures.rowCount : undefined;
  const hasRows = summary.pages > 0;
  return {
    rowsIndexed,
    liveRowsIndexed: rowsIndexed,
    pagesIndexed: hasRows ? BigInt(summary.pages) : undefined,
    rowGroupsIndexed: hasRows ? BigInt(summary.rowGroups) : undefined,
    bytesScanned: figures.sizeBytes > 0n ? figures.sizeBytes : undefined,
  };
}

/** 06 §5.5, in the order of its table. */
function propertiesOf(fileStats: FileStats | undefined, summary: PageSummary): Record<string, string> {
  const properties: Record<string, string> = {
    materialization: summary.pages > 0 ? "page_index" : "bootstrap",
  };
  if (fileStats?.sequenceNumber !== undefined) {
    properties.source_sequence_number = fileStats.sequenceNumber.toString();
  }
  if (fileStats !== undefined && fileStats.fileContent !== 0) {
    properties.source_file_content = FILE_CONTENT_NAMES[fileStats.fileContent];
  }
  if (summary.indexedColumns.length > 0) properties.indexed_columns = summary.indexedColumns.join(",");
  return properties;
}
