import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReferenceEngine } from "../../src/parquet/index.ts";
import { DECIMAL_LIMIT, type Oracle, openOracle } from "../support/duckdb-oracle.ts";
import { indexFile } from "../support/index-file.ts";
import { decimalBytes } from "../support/page-rows.ts";
import { buildParquet, type TestField } from "../support/parquet-builder.ts";
import type { TestEncoding, TestValue } from "../support/parquet-encodings.ts";
import type { TestPage } from "../support/parquet-pages.ts";

/** Page rows against a full read of the same rows by DuckDB: files that DuckDB wrote, files of our builder, fixtures. */

const DUCKDB_LIMITS = [
  DECIMAL_LIMIT,
  "Invalid Error: BYTE_STREAM_SPLIT encoding is only supported for FLOAT or DOUBLE data",
  // Instants in nanoseconds.
  "integers annotated TIMESTAMP aren't raw values in DuckDB",
];

let oracle: Oracle;
let folder: string;

beforeAll(async () => {
  oracle = await openOracle();
  folder = await mkdtemp(join(tmpdir(), "floecat-capture-oracle-"));
});

afterAll(async () => {
  oracle.close();
  await rm(folder, { recursive: true });
});

async function checkFile(path: string) {
  const { footer, rows } = await indexFile(path, createReferenceEngine());
  return { rows, report: await oracle.check(path, footer, rows) };
}

describe("files that DuckDB writes", () => {
  const query = `
    SELECT i::TINYINT AS i8, (i * 7 % 300)::SMALLINT AS i16, i::INTEGER AS i32, (i * 1000000007)::BIGINT AS i64,
      (i % 200)::UTINYINT AS u8, (i * 5)::USMALLINT AS u16, (4294967295 - i)::UINTEGER AS u32,
      (18446744073709551615 - i)::UBIGINT AS u64, (i / 7)::FLOAT AS f32, CASE WHEN i % 50 = 3 THEN 'nan'::DOUBLE ELSE sin(i) END AS f64,
      i % 3 = 0 AS flag, (DATE '1900-01-01' + (i * 37)::INTEGER) AS day, (TIME '00:00:00' + to_microseconds(i * 77777777)) AS clock,
      (TIMESTAMP '1969-12-31' + to_microseconds(i * 86399999999)) AS stamp, (TIMESTAMP '2000-01-01' + to_hours(i))::TIMESTAMPTZ AS instant,
      (TIMESTAMP '2000-01-01' + to_hours(i))::TIMESTAMP_MS AS millis, (TIMESTAMP '2000-01-01' + to_hours(i))::TIMESTAMP_NS AS nanos,
      CASE WHEN i % 4 = 0 THEN NULL ELSE 'name ' || (i % 23) END AS word, repeat('ü', (i % 90)::INTEGER) || i AS long_word,
      CASE i % 5 WHEN 0 THEN '😀' WHEN 1 THEN 'Ａ' WHEN 2 THEN '' ELSE chr(65 + (i % 26)::INTEGER) END AS astral,
      ((i - 50) * 3)::DECIMAL(4, 1) AS dec4, ((i - 50) * 30001)::DECIMAL(9, 2) AS dec9, ((i - 50) * 300000001)::DECIMAL(18, 4) AS dec18,
      ((i - 50)::HUGEINT * 100000000000000000000)::DECIMAL(38, 6) AS dec38,
      CASE WHEN i % 7 = 0 THEN NULL ELSE {'x': CASE WHEN i % 3 = 0 THEN NULL ELSE i END, 'y': {'z': 'deep ' || i}} END AS s,
      CASE WHEN i < 60 THEN NULL ELSE i END AS late
    FROM (SELECT range AS i FROM range(120))`;

  for (const codec of ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"]) {
    for (const version of ["V1", "V2"]) {
      test(`06 §3: every page row, ${codec}, encodings of ${version}`, async () => {
        const path = join(folder, `${codec}-${version}.parquet`);
        const instance = await DuckDBInstance.create(":memory:");
        const connection = await instance.connect();
        await connection.run(
          `COPY (${query}) TO '${path}' (FORMAT parquet, CODEC '${codec}', PARQUET_VERSION ${version}, ROW_GROUP_SIZE 50)`,
        );
        connection.closeSync();
        instance.closeSync();
        const { rows, report } = await checkFile(path);
        expect(report.differences).toEqual([]);
        expect(report.beyond).toEqual([]);
        expect(report.comparedPages).toBe(rows.length);
        expect(new Set(rows.map((row) => row.columnName)).size).toBe(27);
      });
    }
  }
});

describe("files of many pages", () => {
  const count = 400;
  const at = (index: number) => (index * 7919) % 1009;
  const columns: readonly {
    readonly field: TestField;
    readonly encodings: readonly TestEncoding[];
    readonly value: (index: number) => TestValue;
  }[] = [
    {
      field: { name: "c", type: "INT32" },
      // DuckDB reads BYTE_STREAM_SPLIT of floating-point columns alone.
      encodings: ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED"],
      value: (index) => at(index) * 4000037 - 2 ** 31,
    },
    {
      field: { name: "c", type: "INT64" },
      encodings: ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED"],
      value: (index) => BigInt(at(index)) * 9000000000000037n - 2n ** 62n,
    },
    {
      field: { name: "c", type: "DOUBLE" },
      encodings: ["PLAIN", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"],
      value: (index) => (at(index) === 77 ? Number.NaN : (at(index) - 500) / 3),
    },
    {
      field: { name: "c", type: "BOOLEAN" },
      encodings: ["PLAIN", "RLE"],
      value: (index) => at(index) % 11 > 3,
    },
    {
      field: { name: "c", type: "BYTE_ARRAY", converted: 0 },
      encodings: ["PLAIN", "RLE_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
      value: (index) => `${["", "a", "Ａ", "😀", "é"][at(index) % 5]}${at(index) % 100}`,
    },
    {
      field: {
        name: "c",
        type: "FIXED_LEN_BYTE_ARRAY",
        typeLength: 9,
        converted: 5,
        precision: 20,
        scale: 3,
      },
      encodings: ["PLAIN", "RLE_DICTIONARY"],
      value: (index) => decimalBytes(BigInt(at(index) - 500) * 10n ** 16n, 9),
    },
  ];
  for (const { field, encodings, value } of columns) {
    for (const encoding of encodings) {
      test(`06 §3.4, §3.6: ${field.type} in ${encoding}, v1 and v2, nulls, two row groups`, async () => {
        const values = Array.from({ length: count }, (_, index) => (index % 6 === 4 ? null : value(index)));
        const present = values.filter((one) => one !== null);
        const isDictionary = encoding === "RLE_DICTIONARY";
        const unique = [...new Map(present.map((one) => [String(one), one])).values()];
        const pages: TestPage[] = isDictionary ? [{ page: "dictionary", values: unique, crc: true }] : [];
        for (let start = 0; start < count; start += 37) {
          const part = values.slice(start, start + 37);
          pages.push({ page: start % 2 === 0 ? "v1" : "v2", encoding, values: part, crc: true });
        }
        const chunk = { codec: "SNAPPY", pages } as const;
        const { bytes, pages: written } = buildParquet({
          fields: [{ ...field, repetition: "OPTIONAL" }],
          rowGroups: [
            { rowCount: count, chunks: [chunk] },
            { rowCount: count, chunks: [chunk] },
          ],
        });
        const path = join(folder, `${field.type}-${encoding}.parquet`);
        await writeFile(path, bytes);
        const { rows, report } = await checkFile(path);
        expect(report).toEqual({ comparedPages: 22, differences: [], beyond: [] });
        const data = written.filter((page) => page.page !== "dictionary");
        expect(rows.map((row) => [row.pageHeaderOffset, row.pageTotalCompressedSize])).toEqual(
          data.map((page) => [BigInt(page.offset), page.size]),
        );
      });
    }
  }
});

describe("fixtures", async () => {
  const root = join(import.meta.dirname, "../fixtures/data");
  const entries = await readdir(root, { recursive: true });
  const files = entries.filter((entry) => entry.endsWith(".parquet")).sort();
  for (const file of files) {
    test(`06 §3: every page row of ${file}`, async () => {
      const { report } = await checkFile(join(root, file));
      expect(report.differences).toEqual([]);
      expect(report.comparedPages + report.beyond.length).toBeGreaterThan(0);
      for (const { reason } of report.beyond) expect(DUCKDB_LIMITS).toContain(reason);
    });
  }
});
