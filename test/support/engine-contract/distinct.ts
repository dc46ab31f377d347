import { describe, expect, test } from "vitest";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import { buildParquet, type TestField } from "../parquet-builder.ts";
import type { TestValue } from "../parquet-encodings.ts";
import { itemCollector, scanBytes, scanColumn } from "../parquet-scan.ts";
import { bytes, double, int32, int64, text } from "./fields.ts";

/** What every engine must do: items of 07 §6.3. */
export function describeDistinct(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: distinct values`, () => {
    test("07 §6.3: items by type", async () => {
      const itemsOf = async (field: TestField, values: readonly (TestValue | null)[]) => {
        const distinct = itemCollector();
        await scanColumn(field, { pages: [{ page: "v1", values }] }, { engine: createEngine(), distinct });
        return distinct.items;
      };
      const hex = (value: string) => `bytes ${Buffer.from(value).toString("hex")}`;
      expect(await itemsOf(int32, [-1, 5])).toEqual(["long -1", "long 5"]);
      expect(await itemsOf(int64, [-(2n ** 63n), 1n])).toEqual(["long -9223372036854775808", "long 1"]);
      expect(await itemsOf({ ...int32, converted: 5, precision: 5, scale: 2 }, [-5])).toEqual([hex("-5")]);
      expect(await itemsOf({ ...int64, converted: 5, precision: 18, scale: 2 }, [12345n])).toEqual([
        hex("12345"),
      ]);
      expect(await itemsOf({ name: "f", type: "FLOAT" }, [1.5, -1.5, Number.NaN])).toEqual([
        "long 1069547520",
        "long -1077936128",
        "long 2143289344",
      ]);
      expect(await itemsOf(double, [1.5, Number.NaN, -0, null])).toEqual([
        "long 4609434218613702656",
        "long 9221120237041090560",
        "long -9223372036854775808",
      ]);
      expect(await itemsOf({ name: "b", type: "BOOLEAN" }, [true, false])).toEqual(["long 1", "long 0"]);
      expect(await itemsOf(text, ["é", null])).toEqual(["bytes c3a9"]);
      expect(await itemsOf(text, [bytes("fffe"), bytes("eda080")])).toEqual([
        "bytes efbfbdefbfbd",
        "bytes efbfbd",
      ]);
    });

    test("07 §6.3: used dictionary entries are presented, unused ones never", async () => {
      const distinct = itemCollector();
      await scanColumn(
        int32,
        {
          pages: [
            { page: "dictionary", values: [1, 2, 3, 4] },
            { page: "v1", encoding: "RLE_DICTIONARY", values: [1, 2, 2] },
            { page: "v1", encoding: "RLE_DICTIONARY", values: [2, 4] },
          ],
        },
        { engine: createEngine(), distinct },
      );
      expect(new Set(distinct.items)).toEqual(new Set(["long 1", "long 2", "long 4"]));
    });

    test("07 §6.3: of a repeated field only the first element of a row counts", async () => {
      for (const page of ["v1", "v2"] as const) {
        const distinct = itemCollector();
        await scanColumn(
          { name: "r", type: "INT32", repetition: "REPEATED" },
          {
            pages: [{ page, values: [1, 2, null, 3, 4], repetitionLevels: [0, 1, 0, 0, 1] }],
          },
          { engine: createEngine(), distinct },
        );
        expect(distinct.items).toEqual(["long 1", "long 3"]);
      }
    });

    test("a column without bounds can still be asked for distinct values, and has no rows", async () => {
      const distinct = itemCollector();
      const { bytes: file } = buildParquet({
        fields: [{ name: "raw", type: "BYTE_ARRAY" }],
        rowGroups: [{ rowCount: 2, chunks: [{ pages: [{ page: "v1", values: ["x", "y"] }] }] }],
      });
      expect(await scanBytes(file, { engine: createEngine(), distinct })).toEqual([]);
      expect(distinct.items).toEqual(["bytes 78", "bytes 79"]);
    });
  });
}
