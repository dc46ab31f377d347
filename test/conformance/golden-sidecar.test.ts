import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet";
import { describe, expect, test } from "vitest";
import { makeSidecar } from "../../src/capture/sidecar.ts";
import type { PageIndexRow } from "../../src/model/index.ts";
import { createReferenceEngine, indexPages, readFooter } from "../../src/parquet/index.ts";
import { readSidecar, writeSidecar } from "../../src/parquet/sidecar/index.ts";
import { byteSourceOf } from "../support/byte-source.ts";
import { queryParquet } from "../support/duckdb.ts";

const data = process.env.CONFORMANCE_DATA;
const TABLE = "tables/iceberg/yb-iceberg-tpcds/call_center-78092955d9dc452fbe14ab11d90a85ce";
const FIXTURE_A = "data/20250821_110458_00081_wm2db-1c0c595a-f1e3-4d2b-ab20-5041cb4042b8.parquet";
const GOLDEN =
  "20250821_110458_00081_wm2db-1c0c595a-f1e3-4d2b-ab20-5041cb4042b8_parquet__d53f2b42c191ac5a7f935bb7.parquet";
const PLANNED_PATH = `s3://yb-iceberg-tpcds/call_center-78092955d9dc452fbe14ab11d90a85ce/${FIXTURE_A}`;
const signal = new AbortController().signal;

/** 06 W1: fixture A's sidecar as another engine has written it, against ours. */
describe.skipIf(data === undefined)("06 T4 W1, the golden sidecar", () => {
  test("same schema: names, order, repetition, physical, logical and converted types", async () => {
    const golden = await tableFile(GOLDEN);
    expect(parquetMetadata(writeSidecar([], PLANNED_PATH)).schema).toEqual(parquetMetadata(golden).schema);
  });

  test("same rows for cc_call_center_sk and the same data file, by our reader", async () => {
    const golden = await tableFile(GOLDEN);
    const rows = await pageRowsOf(await tableFile(FIXTURE_A), new Set(["cc_call_center_sk"]));
    const ours = await readSidecar(byteSourceOf(writeSidecar(rows, PLANNED_PATH)), { signal });
    expect(ours).toEqual(await readSidecar(byteSourceOf(golden), { signal }));
    expect(ours.dataFilePath).toBe(PLANNED_PATH);
    expect(ours.rows.length).toBe(1);
  });

  test("same rows by DuckDB", async () => {
    const golden = await tableFile(GOLDEN);
    const rows = await pageRowsOf(await tableFile(FIXTURE_A), new Set(["cc_call_center_sk"]));
    const all = "SELECT * FROM read_parquet($file)";
    expect(await queryParquet(writeSidecar(rows, PLANNED_PATH), all)).toEqual(
      await queryParquet(golden, all),
    );
  });

  test("06 T1: all columns of fixture A, in table order, and the figures derived from them", async () => {
    const rows = await pageRowsOf(await tableFile(FIXTURE_A), undefined);
    const { content, summary } = makeSidecar(rows, PLANNED_PATH);
    const sidecar = await readSidecar(byteSourceOf(content), { signal });
    expect(sidecar.rows.map(({ columnName }) => columnName)).toEqual(summary.indexedColumns);
    expect(summary.indexedColumns.length).toBe(31);
    expect(summary.indexedColumns.slice(0, 3)).toEqual(["cc_call_center_id", "cc_call_center_sk", "cc_city"]);
    expect([summary.pages, summary.rowGroups, summary.maxPageRows, summary.pageBytes]).toEqual([
      31,
      1,
      42,
      1787n,
    ]);
  });
});

function tableFile(path: string): Promise<Uint8Array> {
  return readFile(join(data ?? "", TABLE, path));
}

async function pageRowsOf(
  file: Uint8Array,
  columns: ReadonlySet<string> | undefined,
): Promise<PageIndexRow[]> {
  const source = byteSourceOf(file, PLANNED_PATH);
  const footer = await readFooter(source, { signal });
  const rows: PageIndexRow[] = [];
  for await (const chunkRows of indexPages(source, footer, {
    signal,
    columns,
    engine: createReferenceEngine(),
  })) {
    rows.push(...chunkRows);
  }
  return rows;
}
