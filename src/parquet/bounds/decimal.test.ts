import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalBytes } from "../../../test/support/page-rows.ts";
import { compareMinimal, encodeDecimal, encodeIntegerDecimal, minimalForm } from "./decimal.ts";

const unscaled = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
const width = fc.integer({ min: 16, max: 24 });
const minimal = (value: bigint, bytes: number) => minimalForm(decimalBytes(value, bytes), 0, bytes);

describe("06 §3.6: decimals as bytes", () => {
  test("order is numeric, whatever the lengths", () => {
    fc.assert(
      fc.property(unscaled, width, unscaled, width, (a, aWidth, b, bWidth) => {
        const order = compareMinimal(minimal(a, aWidth), minimal(b, bWidth));
        expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  test("encoding sign-extends to the width", () => {
    fc.assert(
      fc.property(unscaled, width, (value, bytes) => {
        expect(encodeDecimal(minimal(value, bytes), 16)).toEqual(decimalBytes(value, 16));
        expect(encodeDecimal(minimal(value, bytes), 32)).toEqual(decimalBytes(value, 32));
      }),
    );
  });

  test("integers encode like the bytes they stand for", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(encodeIntegerDecimal(value, 16)).toEqual(decimalBytes(value, 16));
        expect(encodeIntegerDecimal(value, 32)).toEqual(decimalBytes(value, 32));
      }),
    );
  });

  test("QUIRK: one pure sign byte too many is dropped and the sign flips", () => {
    expect(encodeDecimal(minimal(2n ** 128n - 1n, 17), 16)).toEqual(decimalBytes(-1n, 16));
    expect(encodeDecimal(minimal(-(2n ** 128n), 17), 16)).toEqual(new Uint8Array(16));
  });

  test("anything longer is an error that names both lengths", () => {
    expect(() => encodeDecimal(minimal(2n ** 128n, 17), 16)).toThrow(
      "Value with 17 bytes does not fit in 16 bytes",
    );
    expect(() => encodeDecimal(minimal(2n ** 300n, 40), 32)).toThrow(
      "Value with 38 bytes does not fit in 32 bytes",
    );
    expect(() => minimalForm(new Uint8Array(0), 0, 0)).toThrow("Zero length BigInteger");
  });
});
