import { describe, expect, test } from "vitest";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import { entryCount, ThetaBuilder } from "../../../src/sketch/index.ts";
import { decimalBytes } from "../page-rows.ts";
import type { TestChunk, TestField } from "../parquet-builder.ts";
import type { TestEncoding, TestValue } from "../parquet-encodings.ts";
import type { TestPage } from "../parquet-pages.ts";
import { itemCollector, scanColumn } from "../parquet-scan.ts";
import { int32, text } from "./fields.ts";

/** What every engine must do: encodings and levels, 06 §3.5. */
export function describeEncodings(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: encodings`, () => {
    const cases: readonly {
      readonly field: TestField;
      readonly encodings: readonly TestEncoding[];
      readonly values: readonly TestValue[];
    }[] = [
      {
        field: { name: "c", type: "INT32" },
        encodings: [
          "PLAIN",
          "PLAIN_DICTIONARY",
          "RLE_DICTIONARY",
          "DELTA_BINARY_PACKED",
          "BYTE_STREAM_SPLIT",
        ],
        values: [7, -(2 ** 31), 2 ** 31 - 1, 0, 7, 7, 7, 7, 7, 7, 7, 7, 7, 1],
      },
      {
        field: { name: "c", type: "INT64" },
        encodings: [
          "PLAIN",
          "PLAIN_DICTIONARY",
          "RLE_DICTIONARY",
          "DELTA_BINARY_PACKED",
          "BYTE_STREAM_SPLIT",
        ],
        values: [7n, -(2n ** 63n), 2n ** 63n - 1n, 0n, 7n],
      },
      {
        field: { name: "c", type: "FLOAT" },
        encodings: ["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"],
        values: [1.5, -0.25, 3.75],
      },
      {
        field: { name: "c", type: "DOUBLE" },
        encodings: ["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"],
        values: [1.1, -0.1, 3e300],
      },
      {
        field: { name: "c", type: "BOOLEAN" },
        encodings: ["PLAIN", "RLE"],
        values: [true, true, true, true, true, true, true, true, true, false],
      },
      {
        field: { name: "c", type: "BYTE_ARRAY", converted: 0 },
        encodings: [
          "PLAIN",
          "PLAIN_DICTIONARY",
          "RLE_DICTIONARY",
          "DELTA_LENGTH_BYTE_ARRAY",
          "DELTA_BYTE_ARRAY",
        ],
        values: ["apple", "apple pie", "", "apple", "Ａ", "😀"],
      },
      {
        field: {
          name: "c",
          type: "FIXED_LEN_BYTE_ARRAY",
          typeLength: 5,
          converted: 5,
          precision: 10,
          scale: 0,
        },
        encodings: ["PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
        values: [decimalBytes(-7n, 5), decimalBytes(10n ** 9n, 5), decimalBytes(12n, 5)],
      },
    ];

    for (const { field, encodings, values } of cases) {
      test(`06 T3 R25: ${field.type} gives the same rows in ${encodings.join(", ")}, v1 and v2, with and without nulls`, async () => {
        const plainRows = await scanColumn(
          field,
          { pages: [{ page: "v1", values }] },
          { engine: createEngine() },
        );
        expect(plainRows[0]?.bounds).toBeDefined();
        for (const encoding of encodings) {
          const isDictionary = encoding.endsWith("DICTIONARY");
          const dictionary: TestPage[] = isDictionary
            ? [{ page: "dictionary", values: [...new Set(values)] }]
            : [];
          for (const page of ["v1", "v2"] as const) {
            for (const nulls of [[], [null, null, null]]) {
              const optional = { ...field, repetition: nulls.length > 0 ? "OPTIONAL" : "REQUIRED" } as const;
              const rows = await scanColumn(
                optional,
                {
                  codec: "SNAPPY",
                  pages: [...dictionary, { page, encoding, values: [...nulls, ...values, ...nulls] }],
                },
                { engine: createEngine() },
              );
              expect(rows).toMatchObject([
                {
                  bounds: plainRows[0]?.bounds,
                  rowCount: values.length + 2 * nulls.length,
                  requiresDictionaryPage: isDictionary,
                },
              ]);
            }
          }
        }
      });
    }

    test("06 §3.5: many values of each encoding cross block and batch borders", async () => {
      const values = Array.from({ length: 10_000 }, (_, index) => ((index * 7919) % 10_007) - 5000);
      const min = Math.min(...values);
      const max = Math.max(...values);
      const distinct = [...new Set(values)];
      for (const encoding of [
        "PLAIN",
        "DELTA_BINARY_PACKED",
        "RLE_DICTIONARY",
        "BYTE_STREAM_SPLIT",
      ] as const) {
        const dictionary: TestPage[] =
          encoding === "RLE_DICTIONARY" ? [{ page: "dictionary", values: distinct }] : [];
        const rows = await scanColumn(
          int32,
          { codec: "ZSTD", pages: [...dictionary, { page: "v1", encoding, values }] },
          { engine: createEngine() },
        );
        expect(rows).toMatchObject([{ rowCount: 10_000, bounds: { kind: "i32", min, max } }]);
      }
      const words = values.map((value) => `prefix-${value}`);
      const sorted = words.toSorted((a, b) => (a < b ? -1 : 1));
      for (const encoding of ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"] as const) {
        const rows = await scanColumn(
          text,
          { codec: "ZSTD", pages: [{ page: "v2", encoding, values: words }] },
          { engine: createEngine() },
        );
        expect(rows).toMatchObject([{ bounds: { kind: "utf8", min: sorted[0], max: sorted.at(-1) } }]);
      }
    });

    test("06 §3.5: BIT_PACKED definition levels have no length and begin at the most significant bit", async () => {
      const struct: TestField = {
        name: "s",
        repetition: "OPTIONAL",
        children: [{ name: "x", type: "INT32", repetition: "OPTIONAL" }],
      };
      const values = [5, null, null, 7, null, 6, null, null, null, 9, 4];
      const definitionLevels = [2, 0, 1, 2, 1, 2, 0, 0, 1, 2, 2];
      const rows = await scanColumn(
        struct,
        { pages: [{ page: "v1", levelEncoding: "BIT_PACKED", values, definitionLevels }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([{ bounds: { kind: "i32", min: 4, max: 9 } }]);
    });

    test("06 §3.9: a v2 page of fewer rows than values is looked at no further than its rows", async () => {
      const rows = await scanColumn(
        int32,
        { pages: [{ page: "v2", values: [3, 2, 1, -9], rowCount: 2 }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([{ rowCount: 2, bounds: { kind: "i32", min: 2, max: 3 } }]);
    });

    test("06 T3 R15: a run of no indices uses no entry, in bounds and in distinct values", async () => {
      // Bit width 2; a run of none of entry 2, then two of entry 0.
      const body = Uint8Array.of(2, 0, 2, 4, 0);
      for (const [field, values] of [
        [int32, [10, 20, 30]],
        [{ ...text, repetition: "REQUIRED" }, ["a", "b", "c"]],
      ] as const) {
        const distinct = itemCollector();
        const sketch = new ThetaBuilder();
        const chunk: TestChunk = {
          pages: [
            { page: "dictionary", values },
            {
              page: "v1",
              encoding: "RLE_DICTIONARY",
              values: [],
              valueCount: 2,
              body,
              uncompressedSize: body.length,
            },
          ],
        };
        const rows = await scanColumn(field, chunk, { engine: createEngine(), distinct });
        expect(rows).toMatchObject([{ bounds: { min: values[0], max: values[0] } }]);
        expect(new Set(distinct.items).size).toBe(1);
        await scanColumn(field, chunk, { engine: createEngine(), distinct: sketch });
        expect(entryCount(sketch.result())).toBe(1);
      }
    });

    test("06 T3 R15: a dictionary entry that no row refers to is no bound, and fallback pages go on without it", async () => {
      const rows = await scanColumn(
        int32,
        {
          pages: [
            { page: "dictionary", values: [-100, 1, 2, 3, 100] },
            { page: "v1", encoding: "RLE_DICTIONARY", values: [1, 2, 3, 2] },
            { page: "v1", values: [50, 60, -70] },
          ],
        },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([
        { bounds: { min: 1, max: 3 }, requiresDictionaryPage: true },
        { bounds: { min: -70, max: 60 }, requiresDictionaryPage: false },
      ]);
    });
  });
}
