import { describe } from "../errors.ts";
import { formatBytes, formatCount, formatDuration, keepEnd } from "../terminal/format.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";

/** One captured file, as the closing table and `--json` show it. */
export interface FileRow {
  readonly path: string;
  readonly rows: bigint | undefined;
  readonly columns: number;
  readonly pages: number;
  readonly sizeBytes: bigint;
  /** Bytes and ranged reads that the file itself cost: none where the table's metadata has everything. */
  readonly bytesRead: number;
  readonly requests: number;
  readonly elapsedMs: number;
}

export interface FileFailure {
  readonly path: string;
  readonly error: Error;
}

/** One table, or one set of bare Parquet files. */
export interface TableReport {
  readonly uri: string;
  readonly format: string;
  readonly tableId: string;
  readonly snapshotId: bigint;
  readonly files: FileRow[];
  readonly failures: FileFailure[];
  readonly warnings: string[];
  readonly elapsedMs: number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "file", align: "left" },
  { title: "rows", align: "right" },
  { title: "columns", align: "right" },
  { title: "pages", align: "right" },
  { title: "bytes", align: "right" },
  { title: "time", align: "right" },
];

/** Long tables end here; the rest is one line and in `--json`. */
const MAX_ROWS = 40;
const MAX_NAME = 60;

export interface Totals {
  readonly files: number;
  readonly rows: bigint;
  readonly pages: number;
  readonly sizeBytes: bigint;
}

export function totalsOf(table: TableReport): Totals {
  return {
    files: table.files.length,
    rows: table.files.reduce((sum, file) => sum + (file.rows ?? 0n), 0n),
    pages: table.files.reduce((sum, file) => sum + file.pages, 0),
    sizeBytes: table.files.reduce((sum, file) => sum + file.sizeBytes, 0n),
  };
}

/** The closing table of one captured table. */
export function renderReport(table: TableReport, elapsedMs: number): string {
  const shown = table.files.slice(0, MAX_ROWS);
  const rows = shown.map((file) => [
    keepEnd(shortName(file.path, table.uri), MAX_NAME),
    file.rows === undefined ? "-" : formatCount(file.rows),
    formatCount(file.columns),
    formatCount(file.pages),
    formatBytes(file.sizeBytes),
    formatDuration(file.elapsedMs),
  ]);
  if (table.files.length > shown.length) {
    rows.push([`… and ${formatCount(table.files.length - shown.length)} more`, "", "", "", "", ""]);
  }
  const totals = totalsOf(table);
  const snapshot =
    table.format === "parquet"
      ? ""
      : `, ${table.format === "delta" ? "version" : "snapshot"} ${table.snapshotId}`;
  const footer = [
    `${formatCount(totals.files)} ${totals.files === 1 ? "file" : "files"}`,
    formatCount(totals.rows),
    "",
    formatCount(totals.pages),
    formatBytes(totals.sizeBytes),
    formatDuration(elapsedMs),
  ];
  return `${table.uri} (${table.format}${snapshot})\n\n${renderTable(COLUMNS, rows, footer)}`;
}

/** One line for stderr about each file that could not be captured. */
export function renderFailure(failure: FileFailure): string {
  const text = describe(failure.error);
  return text.includes(failure.path) ? text : `${failure.path}: ${text}`;
}

function shortName(path: string, uri: string): string {
  const prefix = uri.endsWith("/") ? uri : `${uri}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

/** What `--json` prints: one object, 64-bit values as strings. */
export function reportJson(tables: readonly TableReport[], out: string, elapsedMs: number): string {
  return JSON.stringify({
    out,
    elapsedMs: Math.round(elapsedMs),
    tables: tables.map((table) => {
      const totals = totalsOf(table);
      return {
        uri: table.uri,
        format: table.format,
        tableId: table.tableId,
        snapshotId: String(table.snapshotId),
        files: table.files.map((file) => ({
          path: file.path,
          rows: file.rows === undefined ? null : String(file.rows),
          columns: file.columns,
          pages: file.pages,
          sizeBytes: String(file.sizeBytes),
          bytesRead: file.bytesRead,
          requests: file.requests,
          elapsedMs: Math.round(file.elapsedMs * 10) / 10,
        })),
        failures: table.failures.map((failure) => ({ path: failure.path, error: describe(failure.error) })),
        warnings: table.warnings,
        totals: {
          files: totals.files,
          rows: String(totals.rows),
          pages: totals.pages,
          sizeBytes: String(totals.sizeBytes),
        },
      };
    }),
  });
}
