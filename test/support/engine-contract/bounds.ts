import { describe, expect, test } from "vitest";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import type { TestField } from "../parquet-builder.ts";
import { boundsOf, scanColumn } from "../parquet-scan.ts";
import { bytes, double, int32, int64, text } from "./fields.ts";

/** What every engine must do: 06 §3.6. */
export function describeBounds(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: page bounds`, () => {
    test("06 T3 R1: a NaN poisons both bounds of a double page", async () => {
      expect(await boundsOf(double, [1.5, Number.NaN, -2], { engine: createEngine() })).toEqual({
        kind: "f64",
        min: Number.NaN,
        max: Number.NaN,
      });
    });

    test("06 T3 R2: negative zero is the minimum and positive zero the maximum", async () => {
      const float: TestField = { name: "f", type: "FLOAT" };
      for (const values of [
        [0, -0],
        [-0, 0],
      ]) {
        expect(await boundsOf(float, values, { engine: createEngine() })).toEqual({
          kind: "f32",
          min: -0,
          max: 0,
        });
        expect(await boundsOf({ ...float, type: "DOUBLE" }, values, { engine: createEngine() })).toEqual({
          kind: "f64",
          min: -0,
          max: 0,
        });
      }
    });

    test("06 T3 R3: a NaN beside nulls is the bound", async () => {
      expect(await boundsOf(double, [Number.NaN, null], { engine: createEngine() })).toEqual({
        kind: "f64",
        min: Number.NaN,
        max: Number.NaN,
      });
    });

    test("06 T3 R4: unsigned integers compare as signed", async () => {
      const unsigned: TestField = { name: "u", type: "INT32", converted: 13 };
      expect(await boundsOf(unsigned, [1, -1], { engine: createEngine() })).toEqual({
        kind: "i32",
        min: -1,
        max: 1,
      });
      const long: TestField = { name: "u", type: "INT64", converted: 14 };
      expect(await boundsOf(long, [1n, -1n], { engine: createEngine() })).toEqual({
        kind: "i64",
        min: -1n,
        max: 1n,
      });
    });

    test("06 T3 R5: text is in UTF-16 order, so supplementary characters come before U+FF21", async () => {
      expect(await boundsOf(text, ["Ａ", "😀"], { engine: createEngine() })).toEqual({
        kind: "utf8",
        min: "😀",
        max: "Ａ",
      });
    });

    test("06 T3 R6: empty text is a bound", async () => {
      expect(await boundsOf(text, ["a", ""], { engine: createEngine() })).toEqual({
        kind: "utf8",
        min: "",
        max: "a",
      });
    });

    test("06 T3 R7: malformed UTF-8 is compared and kept as U+FFFD", async () => {
      expect(await boundsOf(text, [bytes("ff")], { engine: createEngine() })).toEqual({
        kind: "utf8",
        min: "\ufffd",
        max: "\ufffd",
      });
      // U+FFFD is above every letter, although byte FF alone would be above every UTF-8 text.
      expect(await boundsOf(text, [bytes("ff"), "￿"], { engine: createEngine() })).toEqual({
        kind: "utf8",
        min: "\ufffd",
        max: "￿",
      });
    });

    test("06 §3.6: text isn't cut and keeps a byte order mark", async () => {
      const long = "x".repeat(70_000);
      expect(await boundsOf(text, [long, `\ufeff${long}`], { engine: createEngine() })).toEqual({
        kind: "utf8",
        min: long,
        max: `\ufeff${long}`,
      });
    });

    test("06 T3 R8: booleans are ANDed and ORed, nulls apart", async () => {
      const boolean: TestField = { name: "b", type: "BOOLEAN", repetition: "OPTIONAL" };
      const engine = createEngine();
      expect(await boundsOf(boolean, [true, null, true], { engine })).toEqual({
        kind: "bool",
        min: true,
        max: true,
      });
      expect(await boundsOf(boolean, [true, false], { engine })).toEqual({
        kind: "bool",
        min: false,
        max: true,
      });
      expect(await boundsOf(boolean, [false], { engine })).toEqual({ kind: "bool", min: false, max: false });
    });

    test("06 §3.9: a page of nulls has no bounds", async () => {
      for (const field of [text, double, { ...int32, repetition: "OPTIONAL" } as const]) {
        for (const page of ["v1", "v2"] as const) {
          const rows = await scanColumn(
            field,
            { codec: "SNAPPY", pages: [{ page, values: [null, null] }] },
            { engine: createEngine() },
          );
          expect(rows).toMatchObject([{ rowCount: 2, bounds: undefined }]);
        }
      }
    });

    test("06 T3 R10: a value whose struct is null takes no part", async () => {
      const struct: TestField = {
        name: "s",
        repetition: "OPTIONAL",
        children: [{ name: "x", type: "INT64", repetition: "OPTIONAL" }],
      };
      const rows = await scanColumn(
        struct,
        { pages: [{ page: "v1", values: [5n, null, null, 7n], definitionLevels: [2, 0, 1, 2] }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([
        {
          columnName: "s.x",
          parquetMaxDefLevel: 2,
          rowCount: 4,
          bounds: { kind: "i64", min: 5n, max: 7n },
        },
      ]);
    });

    test("06 §3.6: int64 bounds are exact at both ends", async () => {
      const values = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
      expect(await boundsOf(int64, values, { engine: createEngine() })).toEqual({
        kind: "i64",
        min: -(2n ** 63n),
        max: 2n ** 63n - 1n,
      });
    });
  });
}
