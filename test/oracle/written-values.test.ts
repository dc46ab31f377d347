import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { expectDistinct, expectWritten, type WrittenColumn } from "../support/written-values.ts";

/**
 * Random files by three writers that aren't ours against the values that went in: schema, encodings, codec, page sizes, row
 * groups, nulls and values are drawn. hyparquet-writer and DuckDB write them now; pyarrow has written its own before
 * (test/fixtures/generate/pyarrow_random.py).
 */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "floecat-capture-written-"));
});
afterAll(() => rm(folder, { recursive: true }));

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float64 = fc.double().filter((value) => !Object.is(value, -0));
const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom("", "Ａ", "😀", "prefix 1", "prefix 2", "x".repeat(90)),
  )
  .filter((value) => value.isWellFormed() && !value.includes("\0"));

/** Many values from few draws, so that they repeat as much as a dictionary likes; some of them null. */
function valuesOf<Value>(value: fc.Arbitrary<Value>, rowCount: number): fc.Arbitrary<(Value | null)[]> {
  return fc
    .record({
      pool: fc.array(value, { minLength: 1, maxLength: 30 }),
      step: fc.integer({ min: 1, max: 97 }),
      nullEvery: fc.constantFrom(0, 0, 1, 2, 7),
    })
    .map(({ pool, step, nullEvery }) =>
      Array.from({ length: rowCount }, (_, row) =>
        nullEvery > 0 && row % nullEvery === 0 ? null : (pool[(row * step) % pool.length] ?? null),
      ),
    );
}

function column(leaf: string, rowCount: number): fc.Arbitrary<WrittenColumn> {
  const of = <Kind extends string, Value>(kind: Kind, value: fc.Arbitrary<Value>) =>
    valuesOf(value, rowCount).map((values) => ({ leaf, kind, values }));
  return fc.oneof(
    of("i32" as const, int32),
    of("i64" as const, int64),
    of("f64" as const, float64),
    of("bool" as const, fc.boolean()),
    of("utf8" as const, text),
  );
}

function table(maxRows: number) {
  return fc
    .tuple(fc.integer({ min: 1, max: maxRows }), fc.integer({ min: 1, max: 4 }))
    .chain(([rowCount, width]) =>
      fc.tuple(...Array.from({ length: width }, (_, index) => column(`c${index}`, rowCount))),
    );
}

const HYPARQUET_TYPES = {
  i32: "INT32",
  i64: "INT64",
  f64: "DOUBLE",
  bool: "BOOLEAN",
  utf8: "STRING",
} as const;
const ENCODINGS = {
  i32: ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
  i64: ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
  f64: ["PLAIN", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"],
  bool: ["PLAIN", "RLE"],
  utf8: ["PLAIN", "RLE_DICTIONARY", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
} as const;

describe("06 §3: page rows are those of the values that went in", () => {
  test("hyparquet-writer: any schema, encoding, page size and row group", async () => {
    const file = fc.record({
      columns: table(250),
      picks: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      codec: fc.constantFrom("UNCOMPRESSED" as const, "SNAPPY" as const),
      pageSize: fc.integer({ min: 16, max: 3000 }),
      rowGroupSize: fc.integer({ min: 20, max: 300 }),
      statistics: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ columns, picks, codec, pageSize, rowGroupSize, statistics }) => {
        const columnData = columns.map((written, index): ColumnSource => {
          const { kind } = written;
          if (kind === "f32" || kind === "decimal") throw new Error("not drawn");
          const encodings = ENCODINGS[kind];
          const encoding = encodings[(picks[index] ?? 0) % (encodings.length + 1)];
          return {
            name: written.leaf,
            data: [...written.values],
            type: HYPARQUET_TYPES[kind],
            nullable: written.values.includes(null),
            ...(encoding && { encoding }),
          };
        });
        const bytes = new Uint8Array(
          parquetWriteBuffer({ columnData, codec, pageSize, rowGroupSize, statistics }),
        );
        const path = join(folder, "hyparquet.parquet");
        await writeFile(path, bytes);
        await expectWritten(path, columns);
        await expectDistinct(bytes, columns);
      }),
      { numRuns: 120 },
    );
  });

  describe("DuckDB", () => {
    let instance: DuckDBInstance;
    let connection: DuckDBConnection;
    beforeAll(async () => {
      instance = await DuckDBInstance.create(":memory:");
      connection = await instance.connect();
      await connection.run("SET threads TO 1");
    });
    afterAll(() => {
      connection.closeSync();
      instance.closeSync();
    });

    const SQL_TYPES = {
      i32: "INTEGER",
      i64: "BIGINT",
      f64: "DOUBLE",
      bool: "BOOLEAN",
      utf8: "VARCHAR",
    } as const;

    test("any schema, codec, version, dictionary and row group", async () => {
      const file = fc.record({
        columns: table(5000),
        codec: fc.constantFrom("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"),
        version: fc.constantFrom("V1", "V2"),
        rowGroupSize: fc.integer({ min: 1, max: 6000 }),
        dictionarySize: fc.constantFrom(1, 10, 100_000),
      });
      let files = 0;
      await fc.assert(
        fc.asyncProperty(file, async ({ columns, codec, version, rowGroupSize, dictionarySize }) => {
          const lists = columns.map((written) => {
            if (written.kind === "f32" || written.kind === "decimal") throw new Error("not drawn");
            const literals = written.values.map(literal).join(",");
            return `unnest([${literals}]::${SQL_TYPES[written.kind]}[]) AS ${written.leaf}`;
          });
          const path = join(folder, `duckdb-${files++}.parquet`);
          await connection.run(
            `COPY (SELECT ${lists.join(", ")}) TO '${path}' (FORMAT parquet, CODEC '${codec}', PARQUET_VERSION ${version}, ` +
              `ROW_GROUP_SIZE ${rowGroupSize}, DICTIONARY_SIZE_LIMIT ${dictionarySize})`,
          );
          await expectWritten(path, columns);
          await expectDistinct(await readFile(path), columns);
          await rm(path);
        }),
        { numRuns: 30 },
      );
    }, 60_000);
  });

  describe("pyarrow", async () => {
    const fixtures = join(import.meta.dirname, "../fixtures/data/pyarrow");
    const written = z
      .record(
        z.string(),
        z.array(
          z.object({
            leaf: z.string(),
            kind: z.enum(["i32", "i64", "f32", "f64", "bool", "utf8", "decimal"]),
            values: z.array(z.string().nullable()),
          }),
        ),
      )
      .parse(JSON.parse(await readFile(join(fixtures, "values.json"), "utf8")));

    test.each(Object.keys(written))("%s", async (name) => {
      const columns = (written[name] ?? []).map(parsedColumn);
      expect(columns.length).toBeGreaterThan(1);
      await expectWritten(join(fixtures, name), columns);
      await expectDistinct(await readFile(join(fixtures, name)), columns);
    });
  });
});

function literal(value: number | bigint | boolean | string | null): string {
  if (value === null) return "NULL";
  // All as text: a list of texts and numbers would be one of integers.
  return `'${String(value).replaceAll("'", "''")}'`;
}

type ColumnText = {
  readonly leaf: string;
  readonly kind: WrittenColumn["kind"];
  readonly values: readonly (string | null)[];
};

function parsedColumn({ leaf, kind, values }: ColumnText): WrittenColumn {
  const of = <Value>(parse: (value: string) => Value) =>
    values.map((value) => (value === null ? null : parse(value)));
  switch (kind) {
    case "i32":
      return { leaf, kind, values: of(Number) };
    case "f32":
      return { leaf, kind, values: of((hex) => Buffer.from(hex, "hex").readFloatBE()) };
    case "f64":
      return { leaf, kind, values: of((hex) => Buffer.from(hex, "hex").readDoubleBE()) };
    case "i64":
    case "decimal":
      return { leaf, kind, values: of(BigInt) };
    case "bool":
      return { leaf, kind, values: of((value) => value === "true") };
    case "utf8":
      return { leaf, kind, values: of((value) => value) };
  }
}
