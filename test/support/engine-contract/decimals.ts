import { describe, expect, test } from "vitest";
import type { PageEngine } from "../../../src/parquet/engine.ts";
import { decimalBytes } from "../page-rows.ts";
import type { TestField } from "../parquet-builder.ts";
import { boundsOf, scanColumn } from "../parquet-scan.ts";
import { bytes } from "./fields.ts";

/** What every engine must do: decimals, 06 §3.6. */
export function describeDecimals(name: string, createEngine: () => PageEngine): void {
  describe(`${name}: decimals`, () => {
    const decimal = (field: Partial<TestField>, precision: number, scale = 0): TestField => ({
      name: "n",
      converted: 5,
      precision,
      scale,
      ...field,
    });

    test("06 T3 R11: precision 40 in FIXED(17) fills 32 bytes", async () => {
      const field = decimal({ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 17 }, 40);
      const rows = await scanColumn(
        field,
        { pages: [{ page: "v1", values: [decimalBytes(10n ** 39n, 17), decimalBytes(-1n, 17)] }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([
        {
          decimal: { precision: 40, scale: 0, bits: 136 },
          bounds: {
            kind: "decimal256",
            min: new Uint8Array(32).fill(0xff),
            max: bytes("00000000000000000000000000000002f050fe938943acc45f65568000000000"),
          },
        },
      ]);
    });

    test("06 T3 R12: byte arrays of different lengths compare as numbers and have no bits", async () => {
      const field = decimal({ type: "BYTE_ARRAY" }, 10, 2);
      const rows = await scanColumn(
        field,
        { pages: [{ page: "v1", values: [bytes("0080"), bytes("80"), bytes("000000007f")] }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([
        {
          decimal: { precision: 10, scale: 2, bits: undefined },
          bounds: { kind: "decimal128", min: decimalBytes(-128n, 16), max: decimalBytes(128n, 16) },
        },
      ]);
    });

    test("06 T3 R13: an INT64 decimal fills the decimal columns alone", async () => {
      const rows = await scanColumn(
        decimal({ type: "INT64" }, 18, 4),
        { pages: [{ page: "v1", values: [-1n, 10n ** 17n] }] },
        { engine: createEngine() },
      );
      expect(rows).toMatchObject([
        {
          decimal: { precision: 18, scale: 4, bits: 64 },
          bounds: { kind: "decimal128", min: decimalBytes(-1n, 16), max: decimalBytes(10n ** 17n, 16) },
        },
      ]);
    });

    test("06 §3.6: an INT32 decimal is sign-extended", async () => {
      expect(await boundsOf(decimal({ type: "INT32" }, 9), [-5, 3], { engine: createEngine() })).toEqual({
        kind: "decimal128",
        min: decimalBytes(-5n, 16),
        max: decimalBytes(3n, 16),
      });
    });

    test("06 §3.6 QUIRK: a value one sign byte too long for the width flips its sign", async () => {
      const field = decimal({ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 17 }, 38);
      expect(await boundsOf(field, [decimalBytes(2n ** 127n, 17)], { engine: createEngine() })).toEqual({
        kind: "decimal128",
        min: decimalBytes(-(2n ** 127n), 16),
        max: decimalBytes(-(2n ** 127n), 16),
      });
    });

    test("06 §3.6: a value too long for the width is an error with both lengths", async () => {
      const field = decimal({ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 18 }, 38);
      await expect(
        boundsOf(field, [decimalBytes(2n ** 130n, 18)], { engine: createEngine() }),
      ).rejects.toThrow("Value with 17 bytes does not fit in 16 bytes");
    });

    test("06 §3.6: an empty decimal is an error", async () => {
      await expect(
        boundsOf(decimal({ type: "BYTE_ARRAY" }, 10), [bytes("")], { engine: createEngine() }),
      ).rejects.toThrow("Zero length BigInteger");
    });
  });
}
