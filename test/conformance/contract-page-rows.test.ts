import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PageBounds } from "../../src/model/index.ts";
import { createReferenceEngine } from "../../src/parquet/index.ts";
import { indexFile } from "../support/index-file.ts";

/** 06 T1 and T2 row by row, taken from the contract's own tables. */

const root = process.env.CONFORMANCE_DATA ?? "";
const contract = join(import.meta.dirname, "../../docs/contract/06-page-index.md");
const FIXTURE_A =
  "tables/iceberg/yb-iceberg-tpcds/call_center-78092955d9dc452fbe14ab11d90a85ce/data/20250821_110458_00081_wm2db-1c0c595a-f1e3-4d2b-ab20-5041cb4042b8.parquet";

type Row = Readonly<Record<string, string>>;

describe.skipIf(root === "")("06 T1 and T2", async () => {
  const document = root === "" ? "" : await readFile(contract, "utf8");

  test("06 T1: every column of fixture A", async () => {
    const table = tableAfter(document, "### T1");
    expect(table).toHaveLength(31);
    const expected = table.map((row) => ({
      ...expectation(row),
      rows: 42,
      compression: "ZSTD(ZstdLevel(1))",
    }));
    expect(await found(FIXTURE_A)).toEqual(expected);
  });

  const t2 = tableAfter(document, "### T2");
  for (const file of new Set(t2.map((row) => row.File ?? ""))) {
    const path = `tables/delta/${file}`;
    test.skipIf(!existsSync(join(root, path)))(`06 T2: ${file}`, async () => {
      const expected = t2
        .filter((row) => row.File === file && !row.column_name?.startsWith("("))
        .map((row) => ({ ...expectation(row), rows: Number(row.rows), compression: "SNAPPY" }));
      expect(await found(path)).toEqual(expected);
    });
  }
});

/** Page rows of a file in sidecar order and in the words of the tables. */
async function found(path: string) {
  const { rows } = await indexFile(join(root, path), createReferenceEngine());
  return rows
    .toSorted((a, b) => (a.columnName < b.columnName ? -1 : 1))
    .map((row) => ({
      name: row.columnName,
      physical: row.parquetPhysicalType,
      def: row.parquetMaxDefLevel,
      offset: Number(row.pageHeaderOffset),
      size: row.pageTotalCompressedSize,
      dictionaryOffset: row.dictionaryPageHeaderOffset && Number(row.dictionaryPageHeaderOffset),
      dictionarySize: row.dictionaryPageTotalCompressedSize,
      requiresDictionary: row.requiresDictionaryPage,
      min: row.bounds && boundText(row.bounds, "min"),
      max: row.bounds && boundText(row.bounds, "max"),
      rows: row.rowCount,
      compression: row.parquetCompression,
    }));
}

function boundText(bounds: PageBounds, side: "min" | "max"): string {
  const value = bounds[side];
  if (!(value instanceof Uint8Array)) return String(value);
  return String(BigInt.asIntN(value.length * 8, BigInt(`0x${Buffer.from(value).toString("hex")}`)));
}

function expectation(row: Row) {
  return {
    name: row.column_name,
    physical: row.physical?.replace(" (DATE)", ""),
    def: numberIn(row.def),
    offset: numberIn(row.off),
    size: numberIn(row.size),
    dictionaryOffset: numberIn(row["d.off"]),
    dictionarySize: numberIn(row["d.size"]),
    requiresDictionary: row.req === "true",
    min: boundIn(row.min),
    max: boundIn(row.max),
  };
}

function numberIn(cell: string | undefined): number | undefined {
  return cell === undefined || cell.startsWith("—") ? undefined : Number(cell);
}

/** A bound in a cell: text in backticks, numbers with a typographic minus, either behind its kind. */
function boundIn(cell: string | undefined): string | undefined {
  if (cell === undefined || cell.startsWith("—")) return undefined;
  const text = /`([^`]*)`/.exec(cell)?.[1];
  return text ?? cell.replace(/^(i32|i64|decimal128) /, "").replace("−", "-");
}

/** The rows of the first table after a heading; an empty first cell repeats the one above. */
function tableAfter(document: string, heading: string): Row[] {
  const lines = document.slice(Math.max(0, document.indexOf(heading))).split("\n");
  const start = lines.findIndex((line) => line.startsWith("|"));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  const [header, , ...body] = lines.slice(start, end).map((line) => line.split("|").slice(1, -1));
  if (header === undefined) return [];
  const names = header.map((name) => name.trim());
  let first = "";
  return body.map((cells) => {
    const row = Object.fromEntries(names.map((name, index) => [name, plain(name, cells[index] ?? "")]));
    const key = names[0] ?? "";
    first = row[key] || first;
    return { ...row, [key]: first };
  });
}

/** Cells other than bounds lose their markup. */
function plain(name: string, cell: string): string {
  const text = cell.trim();
  return name === "min" || name === "max" ? text : text.replaceAll(/[`*]/g, "");
}
