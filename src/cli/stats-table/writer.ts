import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { StatsRecord } from "../../model/index.ts";
import { encodeFlatFile } from "../../parquet/write/index.ts";
import { csvHeader, csvRow } from "./csv.ts";
import { STATS_FILE, statsColumnValues } from "./parquet.ts";
import { type StatsRow, statsRows } from "./rows.ts";

export const STATS_FORMATS = ["csv", "parquet"] as const;
export type StatsFormat = (typeof STATS_FORMATS)[number];

/** Writes statistics as a table beside the NDJSON; memory is that of some rows, whatever the table. */
export interface StatsTableWriter {
  add(record: StatsRecord): Promise<void>;
  close(): Promise<void>;
}

const ROWS_AT_ONCE = 50_000;

/** Creates `stats.csv` or `stats.parquet` in `folder`. */
export async function createStatsTable(folder: string, format: StatsFormat): Promise<StatsTableWriter> {
  const handle = await open(join(folder, `stats.${format}`), "w");
  const encoder = format === "csv" ? csvEncoder() : parquetEncoder();
  await append(handle, encoder.begin());
  let pending: StatsRow[] = [];
  const flush = async () => {
    const rows = pending;
    pending = [];
    if (rows.length > 0) await append(handle, encoder.rows(rows));
  };
  return {
    async add(record) {
      pending.push(...statsRows(record));
      if (pending.length >= ROWS_AT_ONCE) await flush();
    },
    async close() {
      try {
        await flush();
        await append(handle, encoder.end());
      } finally {
        await handle.close();
      }
    },
  };
}

async function append(handle: FileHandle, part: Uint8Array | string): Promise<void> {
  await handle.appendFile(part);
}

interface TableEncoder {
  begin(): Uint8Array | string;
  rows(rows: readonly StatsRow[]): Uint8Array | string;
  end(): Uint8Array | string;
}

function csvEncoder(): TableEncoder {
  return { begin: csvHeader, rows: (rows) => rows.map(csvRow).join(""), end: () => "" };
}

function parquetEncoder(): TableEncoder {
  const encoder = encodeFlatFile(STATS_FILE);
  return {
    begin: () => encoder.begin(),
    rows: (rows) => encoder.rowGroup(statsColumnValues(rows), rows.length),
    end: () => encoder.end(),
  };
}
