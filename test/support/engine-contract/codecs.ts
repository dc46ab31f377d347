import { describe, expect, test } from "vitest";
import { UnreadableFileError } from "../../../src/model/index.ts";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import { scanColumn } from "../parquet-scan.ts";
import { CODECS, int32, text } from "./fields.ts";

/** What every engine must do: codecs, decisions 13 and 27. */
export function describeCodecs(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: codecs`, () => {
    for (const codec of CODECS) {
      test(`decision 27: ${codec} is read, v1 and v2, dictionary with several pages included (decision 13)`, async () => {
        const words = Array.from({ length: 300 }, (_, index) => `word ${index % 17}`);
        const rows = await scanColumn(
          text,
          {
            codec,
            pages: [
              { page: "dictionary", values: [...new Set(words)] },
              { page: "v1", encoding: "RLE_DICTIONARY", values: words },
              { page: "v1", values: [...words.slice(0, 5), "zzzzzzzzzzzzzzzzzzzzzzzzzzzz"] },
              { page: "v2", encoding: "RLE_DICTIONARY", values: [words[3] ?? "", null] },
              { page: "v2", isCompressed: false, values: ["plain", "text"] },
            ],
          },
          { engine: createEngine() },
        );
        expect(rows.map((row) => row.bounds)).toEqual([
          { kind: "utf8", min: "word 0", max: "word 9" },
          { kind: "utf8", min: "word 0", max: "zzzzzzzzzzzzzzzzzzzzzzzzzzzz" },
          { kind: "utf8", min: "word 3", max: "word 3" },
          { kind: "utf8", min: "plain", max: "text" },
        ]);
      });
    }

    test("decision 27: LZO is a clear error", async () => {
      await expect(
        scanColumn(int32, { codec: "LZO", pages: [{ page: "v1", values: [1] }] }, { engine: createEngine() }),
      ).rejects.toThrow(/column i, row group 0, page 0, offset 4: .*LZO is not supported/);
    });

    for (const codec of CODECS.slice(1)) {
      test(`${codec} output other than the header announces is an error`, async () => {
        for (const uncompressedSize of [11, 13, 1000, 0]) {
          const page = { page: "v1", values: [1, 2, 3], uncompressedSize } as const;
          await expect(
            scanColumn(int32, { codec, pages: [page] }, { engine: createEngine() }),
          ).rejects.toBeInstanceOf(UnreadableFileError);
        }
      });
    }
  });
}
