import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { queryParquet } from "../../../test/support/duckdb.ts";
import { CAPTURED_METADATA, type ColumnStats, FILE_CONTENT, type StatsRecord } from "../../model/index.ts";
import { createStatsTable } from "./writer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "floecat-capture-stats-table-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const scalar: ColumnStats = {
  displayName: 'na"me, x',
  logicalType: "STRING",
  rowCount: 9_007_199_254_740_993n,
  nullCount: 0n,
  nanCount: undefined,
  ndv: {
    approx: { estimate: 2.5, rowsSeen: undefined, rowsTotal: undefined, method: "m", properties: {} },
    sketches: [],
  },
  min: "",
  max: "two\r\nlines",
  avgWidthBytes: 3n,
  properties: {},
};
const base = {
  tableId: { accountId: "a", id: "t", kind: 4 },
  snapshotId: -7n,
  metadata: CAPTURED_METADATA,
};
const RECORDS: readonly StatsRecord[] = [
  {
    ...base,
    target: { kind: "file", filePath: "s3://b/k" },
    value: {
      kind: "file",
      file: {
        filePath: "s3://b/k",
        fileFormat: "PARQUET",
        rowCount: 4n,
        sizeBytes: 10n,
        columns: [{ columnId: 1n, scalar }],
        fileContent: FILE_CONTENT.equalityDeletes,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: undefined,
      },
    },
  },
  { ...base, target: { kind: "column", columnId: 1n }, value: { kind: "scalar", scalar } },
  {
    ...base,
    target: { kind: "table" },
    value: { kind: "table", table: { rowCount: 4n, dataFileCount: 1n, totalSizeBytes: 10n } },
  },
];

async function write(format: "csv" | "parquet"): Promise<string> {
  const table = await createStatsTable(folder, format);
  for (const record of RECORDS) await table.add(record);
  await table.close();
  return join(folder, `stats.${format}`);
}

it("stats.csv: null is empty, an empty text is quoted, quotes and line ends are kept", async () => {
  expect(await readFile(await write("csv"), "utf8")).toBe(
    [
      "scope,table_id,snapshot_id,file,content,column_id,column,type,rows,nulls,nans,min,max,avg_width_bytes,distinct_estimate,size_bytes,data_files,partition",
      "file,t,-7,s3://b/k,equality deletes,,,,4,,,,,,,10,,",
      'file-column,t,-7,s3://b/k,equality deletes,1,"na""me, x",STRING,9007199254740993,0,,"","two\r\nlines",3,2.5,,,',
      'column,t,-7,,,1,"na""me, x",STRING,9007199254740993,0,,"","two\r\nlines",3,2.5,,,',
      "table,t,-7,,,,,,4,,,,,,,10,1,",
      "",
    ].join("\r\n"),
  );
});

it("stats.parquet: DuckDB reads the same rows", async () => {
  const rows = await queryParquet(
    await readFile(await write("parquet")),
    'select scope, snapshot_id, "column", rows, min, max, distinct_estimate, size_bytes from $file',
  );
  expect(rows.map((row) => Object.values(row))).toEqual([
    ["file", -7n, null, 4n, null, null, null, 10n],
    ["file-column", -7n, 'na"me, x', 9_007_199_254_740_993n, "", "two\r\nlines", 2.5, null],
    ["column", -7n, 'na"me, x', 9_007_199_254_740_993n, "", "two\r\nlines", 2.5, null],
    ["table", -7n, null, 4n, null, null, null, 10n],
  ]);
});

it("stats.parquet: no records make a file of no rows, equal records equal bytes", async () => {
  const empty = await createStatsTable(folder, "parquet");
  await empty.close();
  const bytes = await readFile(join(folder, "stats.parquet"));
  expect(await queryParquet(bytes, "select count(*) as n from $file")).toEqual([{ n: 0n }]);
  const first = await readFile(await write("parquet"));
  expect(await readFile(await write("parquet"))).toEqual(first);
});
