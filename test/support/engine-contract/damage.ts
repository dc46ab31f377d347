import { describe, expect, test } from "vitest";
import { UnreadableFileError } from "../../../src/model/index.ts";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import type { TestChunk, TestField } from "../parquet-builder.ts";
import { concat, uint32 } from "../parquet-encodings.ts";
import type { TestPage } from "../parquet-pages.ts";
import { scanBytes, scanColumn, singleColumn } from "../parquet-scan.ts";
import { double, int32, text } from "./fields.ts";

/** What every engine must do: damage, 06 §3.8. */
export function describeDamage(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: damage`, () => {
    const damaged: Readonly<
      Record<string, { field: TestField; pages: readonly TestPage[]; message: RegExp }>
    > = {
      "plain values that end early": {
        field: int32,
        pages: [{ page: "v1", values: [1, 2], valueCount: 3 }],
        message: /i, row group 0, page 0, offset 4/,
      },
      "a byte array longer than its page": {
        field: text,
        pages: [
          {
            page: "v1",
            values: ["a"],
            body: concat([uint32(2), Uint8Array.of(2, 1), uint32(99)]),
            uncompressedSize: 10,
          },
        ],
        message: /t, row group 0, page 0/,
      },
      "a dictionary index past the dictionary": {
        field: int32,
        pages: [
          { page: "dictionary", values: [1, 2, 3] },
          { page: "v1", encoding: "RLE_DICTIONARY", values: [1, 2, 99] },
        ],
        message: /i, row group 0, page 0/,
      },
      "a dictionary shorter than it says": {
        field: int32,
        pages: [
          { page: "dictionary", values: [1, 2, 3], valueCount: 4 },
          { page: "v1", encoding: "RLE_DICTIONARY", values: [1] },
        ],
        message: /i, row group 0, offset 4/,
      },
      "dictionary encoding without a dictionary": {
        field: int32,
        pages: [
          {
            page: "v1",
            encoding: "RLE_DICTIONARY",
            values: [],
            valueCount: 1,
            body: Uint8Array.of(0, 2),
            uncompressedSize: 2,
          },
        ],
        message: /could not read page in col i as the dictionary was missing for encoding RLE_DICTIONARY/,
      },
      "levels that run past the page": {
        field: text,
        pages: [
          {
            page: "v1",
            values: ["a"],
            body: concat([uint32(400), Uint8Array.of(2, 1)]),
            uncompressedSize: 6,
          },
        ],
        message: /t, row group 0, page 0/,
      },
      "v2 levels that run past the page": {
        field: text,
        pages: [{ page: "v2", values: ["a", null], body: Uint8Array.of(2), uncompressedSize: 1 }],
        message: /t, row group 0, page 0/,
      },
      "levels that end early": {
        field: text,
        pages: [
          {
            page: "v1",
            values: [],
            valueCount: 9,
            body: concat([uint32(2), Uint8Array.of(8, 0)]),
            uncompressedSize: 6,
          },
        ],
        message: /t, row group 0, page 0/,
      },
      "a level above the maximum": {
        field: { name: "s", repetition: "OPTIONAL", children: [{ ...int32, repetition: "OPTIONAL" }] },
        pages: [{ page: "v1", values: [1], definitionLevels: [3] }],
        message: /s.i, row group 0, page 0/,
      },
      "an encoding of another type": {
        field: double,
        pages: [{ page: "v1", encodingNumber: 5, values: [1] }],
        message: /Encoding DELTA_BINARY_PACKED is only supported for type INT32 and INT64/,
      },
      "a byte stream split of byte arrays": {
        field: text,
        pages: [{ page: "v1", encodingNumber: 9, values: ["a"] }],
        message: /no byte stream split reader for type/,
      },
      "an encoding that doesn't exist": {
        field: int32,
        pages: [{ page: "v1", encodingNumber: 77, values: [1] }],
        message: /Unsupported encoding for values/,
      },
      "a dictionary of booleans": {
        field: { name: "b", type: "BOOLEAN" },
        pages: [{ page: "v1", encodingNumber: 8, values: [true] }],
        message: /b, row group 0, page 0/,
      },
      "a delta stream of more values than the page": {
        field: int32,
        pages: [{ page: "v1", encoding: "DELTA_BINARY_PACKED", values: [1, 2, 3], valueCount: 1 }],
        message: /i, row group 0, page 0/,
      },
      "a delta stream that ends within a miniblock": {
        field: int32,
        pages: [
          {
            page: "v1",
            encodingNumber: 5,
            values: [],
            valueCount: 3,
            // Blocks of 128 in 4, 3 values, first 1, least delta 0, bit widths 8: one byte where two are needed.
            body: Uint8Array.of(0x80, 1, 4, 3, 2, 0, 8, 0, 0, 0, 5),
            uncompressedSize: 11,
          },
        ],
        message: /i, row group 0, page 0/,
      },
      "a prefix longer than the value before": {
        field: text,
        pages: [
          {
            page: "v1",
            encodingNumber: 7,
            values: [],
            valueCount: 1,
            // Level 1; prefix lengths [5]; suffix lengths [0].
            body: concat([
              uint32(2),
              Uint8Array.of(2, 1),
              Uint8Array.of(0x80, 1, 4, 1, 10, 0x80, 1, 4, 1, 0),
            ]),
            uncompressedSize: 16,
          },
        ],
        message: /t, row group 0, page 0/,
      },
    };
    for (const [what, { field, pages, message }] of Object.entries(damaged)) {
      test(`06 §3.8: ${what} is an error that says where`, async () => {
        const failure = scanColumn(field, { pages }, { engine: createEngine() });
        await expect(failure).rejects.toBeInstanceOf(UnreadableFileError);
        await expect(scanColumn(field, { pages }, { engine: createEngine() })).rejects.toThrow(message);
      });
    }

    test("a page cut off anywhere is refused, or gives what the whole page gives", async () => {
      const values = Array.from({ length: 40 }, (_, index) =>
        index % 5 === 0 ? null : `value ${index % 7}`,
      );
      const dictionary = [...new Set(values.filter((value) => value !== null))];
      for (const encoding of [
        "PLAIN",
        "RLE_DICTIONARY",
        "DELTA_LENGTH_BYTE_ARRAY",
        "DELTA_BYTE_ARRAY",
      ] as const) {
        const chunk = (cut: object): TestChunk => ({
          pages: [
            { page: "dictionary", values: dictionary },
            { page: "v1", encoding, values, ...cut },
          ],
        });
        const whole = singleColumn(text, chunk({}));
        const expected = await scanBytes(whole.bytes, { engine: createEngine() });
        const page = whole.pages[1]!;
        const body = whole.bytes.slice(page.offset + page.headerSize, page.offset + page.size);
        let refused = 0;
        for (let length = 0; length < body.length; length++) {
          const cut = { body: body.subarray(0, length), uncompressedSize: length };
          const result = await scanColumn(text, chunk(cut), { engine: createEngine() }).catch(
            (error: unknown) => error,
          );
          if (result instanceof UnreadableFileError) refused++;
          else expect(result).toMatchObject([{ bounds: expected[0]?.bounds, rowCount: 40 }]);
        }
        expect(refused).toBeGreaterThan(body.length / 2);
      }
    });
  });
}
