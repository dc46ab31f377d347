import { createHash } from "node:crypto";
import {
  type FileStats,
  type IndexArtifact,
  type IndexCoverage,
  type PageIndexRow,
  type ResourceId,
  type StatsRecord,
  TableError,
} from "../model/index.ts";
import { writeSidecar } from "../parquet/sidecar/index.ts";
import { artifactUri } from "./artifact-uri.ts";

/**
 * Turns the page rows of one planned file into its sidecar and `IndexArtifactRecord`, 06 §5. A readable file without rows
 * gets an empty "bootstrap" sidecar even when it has no FILE record (decision 9; the reference fails the group there).
 */
export function buildArtifact(input: {
  readonly tableId: ResourceId;
  readonly snapshotId: bigint;
  /** As planned, unmodified. */
  readonly filePath: string;
  /** The rows kept for the file, in any order. */
  readonly rows: readonly PageIndexRow[];
  /** The file's own record of this run (`fileStatsByPath`), if there is one. */
  readonly fileStats?: FileStats | undefined;
  /** One clock reading a group (06 §5.1). */
  readonly createdAtMs: number;
}): IndexArtifact {
  const { tableId, snapshotId, filePath, rows, fileStats, createdAtMs } = input;
  const content = sidecarOf(rows, filePath);
  const sha256 = createHash("sha256").update(content).digest();
  const figures = fileStats ?? figuresFromRows(rows);
  return {
    content,
    record: {
      tableId,
      snapshotId,
      filePath,
      artifactUri: artifactUri(tableId, snapshotId, filePath, sha256.toString("hex")),
      contentSha256B64: sha256.toString("base64"),
      createdAtMs,
      coverage: coverageOf(figures, rows),
      sourceFileFormat: sourceFormatOf(fileStats),
      properties: propertiesOf(fileStats, rows),
    },
  };
}

/** The FILE record that 06 §5.4 uses for each path: of several, the last. */
export function fileStatsByPath(records: Iterable<StatsRecord>): ReadonlyMap<string, FileStats> {
  const byPath = new Map<string, FileStats>();
  for (const { value } of records) {
    if (value.kind === "file" && !isBlank(value.file.filePath)) byPath.set(value.file.filePath, value.file);
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

function sidecarOf(rows: readonly PageIndexRow[], filePath: string): Uint8Array {
  try {
    return writeSidecar(rows, filePath);
  } catch (cause) {
    throw new TableError(`Failed to write index sidecar for ${filePath}`, { cause });
  }
}

/**
 * What stands in for a missing FILE record, 06 §5.4 rule 2. The row count is that of the largest page, not of the file: a
 * quirk that has to be matched. Dictionary pages are not counted.
 */
function figuresFromRows(rows: readonly PageIndexRow[]): { rowCount: bigint; sizeBytes: bigint } {
  let maxPageRowCount = 0;
  let pageBytes = 0n;
  for (const row of rows) {
    if (row.rowCount > maxPageRowCount) maxPageRowCount = row.rowCount;
    pageBytes += BigInt(row.pageTotalCompressedSize);
  }
  return { rowCount: BigInt(maxPageRowCount), sizeBytes: pageBytes };
}

/** The FILE record's own word for it; an Iceberg delete file has none (06 §5.4). */
function sourceFormatOf(fileStats: FileStats | undefined): string {
  return fileStats === undefined || isBlank(fileStats.fileFormat) ? "parquet" : fileStats.fileFormat;
}

/** 06 §5.3: a figure that is zero is "not set". */
function coverageOf(
  figures: { readonly rowCount: bigint; readonly sizeBytes: bigint },
  rows: readonly PageIndexRow[],
): IndexCoverage {
  const rowsIndexed = figures.rowCount > 0n ? figures.rowCount : undefined;
  const hasRows = rows.length > 0;
  return {
    rowsIndexed,
    liveRowsIndexed: rowsIndexed,
    pagesIndexed: hasRows ? BigInt(rows.length) : undefined,
    rowGroupsIndexed: hasRows ? BigInt(new Set(rows.map((row) => row.rowGroup)).size) : undefined,
    bytesScanned: figures.sizeBytes > 0n ? figures.sizeBytes : undefined,
  };
}

/** 06 §5.5, in the order of its table. */
function propertiesOf(
  fileStats: FileStats | undefined,
  rows: readonly PageIndexRow[],
): Record<string, string> {
  const properties: Record<string, string> = {
    materialization: rows.length > 0 ? "page_index" : "bootstrap",
  };
  if (fileStats?.sequenceNumber !== undefined) {
    properties.source_sequence_number = fileStats.sequenceNumber.toString();
  }
  if (fileStats !== undefined && fileStats.fileContent !== 0) {
    properties.source_file_content = FILE_CONTENT_NAMES[fileStats.fileContent];
  }
  const indexedColumns = indexedColumnsOf(rows);
  if (indexedColumns !== "") properties.indexed_columns = indexedColumns;
  return properties;
}

/** Sorted in UTF-16 order, which is what sorting strings without a comparison does. */
function indexedColumnsOf(rows: readonly PageIndexRow[]): string {
  const names = new Set<string>();
  for (const { columnName } of rows) names.add(columnName);
  const trimmed = new Set([...names].map(trimControls).filter((name) => !isBlank(name)));
  return [...trimmed].sort().join(",");
}

/** Takes the characters up to U+0020 off both ends, no others (06 §2.1): `String.trim` would take U+00A0 too. */
function trimControls(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}
