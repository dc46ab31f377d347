import { toPlannedPath } from "../../storage/index.ts";
import { describe } from "../errors.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  keepEnd,
  keepStart,
  printable,
} from "../terminal/format.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";

/** One captured file, as the closing table and `--json` show it; undefined: not known. */
export interface FileRow {
  readonly path: string;
  /** False for delete files and deletion vectors: their rows are no rows of the table, so totals leave them out. */
  readonly isData: boolean;
  readonly rows: bigint | undefined;
  readonly columns: number | undefined;
  readonly pages: number | undefined;
  readonly sizeBytes: bigint | undefined;
  /** Bytes and ranged reads that the file itself cost: none where the table's metadata has everything. */
  readonly bytesRead: number | undefined;
  readonly requests: number | undefined;
  readonly elapsedMs: number | undefined;
}

export interface FileFailure {
  readonly path: string;
  readonly error: Error;
}

/** One table, or one set of bare Parquet files. */
export interface TableReport {
  readonly uri: string;
  /** `""`: not known. */
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
const MAX_TITLE = 100;

export interface Totals {
  readonly files: number;
  readonly rows: bigint;
  readonly pages: number;
  readonly sizeBytes: bigint;
}

export function totalsOf(table: TableReport): Totals {
  const data = table.files.filter((file) => file.isData);
  return {
    files: data.length,
    rows: data.reduce((sum, file) => sum + (file.rows ?? 0n), 0n),
    pages: table.files.reduce((sum, file) => sum + (file.pages ?? 0), 0),
    sizeBytes: data.reduce((sum, file) => sum + (file.sizeBytes ?? 0n), 0n),
  };
}

/** The closing table of one captured table. */
export function renderReport(table: TableReport, elapsedMs: number): string {
  const first = table.files.slice(0, MAX_ROWS);
  const folder = commonFolder(table.files.filter((file) => file.isData).map((file) => file.path));
  const rows = first.map((file) => [
    keepEnd(shortName(file, folder), MAX_NAME),
    shown(file.rows, formatCount),
    shown(file.columns, formatCount),
    shown(file.pages, formatCount),
    shown(file.sizeBytes, formatBytes),
    shown(file.elapsedMs, formatDuration),
  ]);
  if (table.files.length > first.length) {
    rows.push([`… and ${formatCount(table.files.length - first.length)} more`, "", "", "", "", ""]);
  }
  const totals = totalsOf(table);
  const footer = [
    `${formatCount(totals.files)} ${totals.files === 1 ? "file" : "files"}`,
    formatCount(totals.rows),
    "",
    formatCount(totals.pages),
    formatBytes(totals.sizeBytes),
    formatDuration(elapsedMs),
  ];
  return `${shownUri(table.uri)} (${kindOf(table)})\n\n${renderTable(COLUMNS, rows, footer)}`;
}

/** Local names as the user would type them here, one after the other. */
function shownUri(uri: string): string {
  const here = `${toPlannedPath(process.cwd())}/`;
  return keepStart(printable(uri.replaceAll(here, "").replaceAll("file://", "")), MAX_TITLE);
}

function kindOf(table: TableReport): string {
  if (table.format === "parquet") return "parquet";
  const snapshot = `${table.format === "delta" ? "version" : "snapshot"} ${table.snapshotId}`;
  return table.format === "" ? snapshot : `${table.format}, ${snapshot}`;
}

function shown<T>(figure: T | undefined, format: (figure: T) => string): string {
  return figure === undefined ? "–" : format(figure);
}

/** One line for stderr about each file that could not be captured. */
export function renderFailure(failure: FileFailure): string {
  const text = describe(failure.error);
  const path = printable(failure.path);
  return text.includes(path) ? text : `${path}: ${text}`;
}

function shortName(file: FileRow, folder: string): string {
  const name = file.path.startsWith(folder) ? file.path.slice(folder.length) : file.path;
  return file.isData ? name : `${name} (deletes)`;
}

/** The longest folder, with its slash, that all paths lie in. */
function commonFolder(paths: readonly string[]): string {
  let [folder = ""] = paths;
  for (const path of paths) {
    while (!path.startsWith(folder.slice(0, folder.lastIndexOf("/") + 1))) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
    }
  }
  return folder.slice(0, folder.lastIndexOf("/") + 1);
}

/** What `--json` prints: one object, 64-bit values as strings. */
export function reportJson(tables: readonly TableReport[], out: string, elapsedMs: number): string {
  return JSON.stringify({ out, elapsedMs: Math.round(elapsedMs), tables: tables.map(tableJson) });
}

/** One table of `--json`. */
export function tableJson(table: TableReport) {
  const totals = totalsOf(table);
  return {
    uri: table.uri,
    format: table.format === "" ? null : table.format,
    tableId: table.tableId,
    snapshotId: String(table.snapshotId),
    files: table.files.map((file) => ({
      path: file.path,
      isData: file.isData,
      rows: textOrNull(file.rows),
      columns: file.columns ?? null,
      pages: file.pages ?? null,
      sizeBytes: textOrNull(file.sizeBytes),
      bytesRead: file.bytesRead ?? null,
      requests: file.requests ?? null,
      elapsedMs: file.elapsedMs === undefined ? null : Math.round(file.elapsedMs * 10) / 10,
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
}

function textOrNull(figure: bigint | undefined): string | null {
  return figure === undefined ? null : String(figure);
}
