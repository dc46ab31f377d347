import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UnreadableFileError } from "../../src/model/index.ts";
import { createReferenceEngine } from "../../src/parquet/index.ts";
import { type Oracle, openOracle } from "../support/duckdb-oracle.ts";
import { indexFile } from "../support/index-file.ts";

/** Parquet files that other programs wrote: each is captured, and agrees with DuckDB's full read, or is refused by name. */

const root = process.env.CONFORMANCE_DATA;

/** What can't be read, and why it is refused. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  "datapage_v1-corrupt-checksum.parquet": /column a, row group 0, page 0, offset 4: the page's checksum is/,
  "rle-dict-uncompressed-corrupt-checksum.parquet":
    /column long_field, row group 0, offset 4: the page's checksum is/,
  "encrypt_columns_plaintext_footer.parquet.encrypted": /column \w+, row group 0: the column is encrypted/,
};
const ENCRYPTED = /Trying to read file with encrypted footer. No keys available/;

/** What is captured but DuckDB can't read, so that other files or the unit tests have to vouch for it. */
const BEYOND_DUCKDB: Readonly<Record<string, RegExp>> = {
  "byte_stream_split_extended.gzip.parquet":
    /BYTE_STREAM_SPLIT encoding is only supported for FLOAT or DOUBLE/,
  "hadoop_lz4_compressed.parquet": /Unsupported compression codec "LZ4"/,
  "hadoop_lz4_compressed_larger.parquet": /Unsupported compression codec "LZ4"/,
  "non_hadoop_lz4_compressed.parquet": /Unsupported compression codec "LZ4"/,
};

describe.skipIf(root === undefined)("Parquet files of other programs", async () => {
  const folder = root ?? "";
  const entries = root === undefined ? [] : await readdir(folder, { recursive: true });
  const files = entries.filter((entry) => /\.parquet(\.encrypted)?$/.test(entry)).sort();
  const report: string[] = [];
  let oracle: Oracle;

  beforeAll(async () => {
    oracle = await openOracle();
  });

  afterAll(() => {
    oracle.close();
    console.log(report.join("\n"));
  });

  test("there are some", () => {
    expect(files.length).toBeGreaterThan(70);
  });

  for (const file of files) {
    const name = file.split("/").at(-1) ?? file;
    const refusal = REFUSED[name] ?? (name.endsWith(".encrypted") ? ENCRYPTED : undefined);
    test(`${file} is ${refusal === undefined ? "captured as DuckDB reads it" : "refused by name"}`, async () => {
      const path = join(folder, file);
      const indexed = await indexFile(path, createReferenceEngine()).catch((error: unknown) => {
        if (error instanceof UnreadableFileError) return error;
        throw error;
      });
      if (indexed instanceof UnreadableFileError) {
        report.push(`refused   ${file}: ${indexed.reason}`);
        if (refusal === undefined) throw indexed;
        expect(indexed.message).toMatch(refusal);
        expect(indexed.file).toBe(path);
        return;
      }
      expect(refusal).toBeUndefined();
      const { footer, rows } = indexed;
      const { comparedPages, differences, beyond } = await oracle.check(path, footer, rows);
      const limits = beyond.map(({ column }) => column).join(", ");
      report.push(
        `captured  ${file}: ${comparedPages} of ${rows.length} pages compared${limits && `; DuckDB can't read ${limits}`}`,
      );
      expect(differences).toEqual([]);
      for (const { reason } of beyond) expect(reason).toMatch(BEYOND_DUCKDB[name] ?? /^$/);
      if (beyond.length === 0) expect(comparedPages).toBe(rows.length);
    });
  }

  for (const [left, right] of [
    ["hadoop_lz4_compressed.parquet", "lz4_raw_compressed.parquet"],
    ["non_hadoop_lz4_compressed.parquet", "lz4_raw_compressed.parquet"],
    ["hadoop_lz4_compressed_larger.parquet", "lz4_raw_compressed_larger.parquet"],
  ] as const) {
    test(`${left} holds what ${right} holds`, async () => {
      const bounds = async (file: string) => {
        const { rows } = await indexFile(join(folder, "parquet-testing", file), createReferenceEngine());
        return rows.map((row) => ({ column: row.columnName, rows: row.rowCount, bounds: row.bounds }));
      };
      expect(await bounds(left)).toEqual(await bounds(right));
    });
  }

  test("byte_stream_split_extended.gzip.parquet has each column twice, plain and split", async () => {
    const path = join(folder, "parquet-testing/byte_stream_split_extended.gzip.parquet");
    const { rows } = await indexFile(path, createReferenceEngine());
    for (const row of rows.filter(({ columnName }) => columnName.endsWith("_plain"))) {
      const split = rows.find(
        ({ columnName }) => columnName === row.columnName.replace("_plain", "_byte_stream_split"),
      );
      expect(split?.bounds).toEqual(row.bounds);
    }
  });
});
