import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDoubleText, parseFloatText } from "./float-parse.ts";
import { type BinaryFloat, javaDoubleText, javaFloatText, shortestDecimal } from "./float-text.ts";

describe("07 §3.3: double text (07 T14)", () => {
  it.each([
    [1, "1.0"],
    [0.001, "0.001"],
    [0.0009, "9.0E-4"],
    [1e7, "1.0E7"],
    [12345678.9, "1.23456789E7"],
    [1e23, "1.0E23"],
    [4.9e-324, "4.9E-324"],
    [9.9e-324, "9.9E-324"],
    [2.2250738585072014e-308, "2.2250738585072014E-308"],
    [1.7976931348623157e308, "1.7976931348623157E308"],
    [Math.fround(0.1), "0.10000000149011612"],
    [2e23, "2.0E23"],
    [8.41e21, "8.41E21"],
    [100, "100.0"],
    [-9999999.5, "-9999999.5"],
    [2 ** 50 + 0.25, "1.1258999068426242E15"],
    [0, "0.0"],
    [-0, "-0.0"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("%d is %s", (value, text) => {
    expect(javaDoubleText(value)).toBe(text);
  });

  it("agrees with the rule in exact arithmetic", () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x !== 0);
    const tieProne = fc.integer({ min: 2 ** 50, max: 2 ** 51 }).map((n) => n + 0.25);
    const subnormal = fc.integer({ min: 1, max: 4000 }).map((n) => n * Number.MIN_VALUE);
    const powers = fc.integer({ min: -1074, max: 1023 }).map((n) => 2 ** n);
    fc.assert(
      fc.property(fc.oneof(any, tieProne, subnormal, powers), (x) => {
        const { digits, exponent } = shortestDecimal(partsOf(Math.abs(x)));
        expect(digitsAndExponent(javaDoubleText(x))).toEqual({ digits, exponent });
      }),
      { numRuns: 2000 },
    );
  });

  it("reads back to the same double", () => {
    fc.assert(fc.property(fc.double(), (x) => Object.is(parseDoubleText(javaDoubleText(x)), x)));
  });
});

describe("07 §3.3: float text (07 T14)", () => {
  it.each([
    [0.1, "0.1"],
    [123456.789, "123456.79"],
    [9999999, "9999999.0"],
    [8388609, "8388609.0"],
    [16777216, "1.6777216E7"],
    [1e10, "1.0E10"],
    [1.4e-45, "1.4E-45"],
    [2.8e-45, "2.8E-45"],
    [1.17549435e-38, "1.1754944E-38"],
    [3.4028235e38, "3.4028235E38"],
    [-0.001, "-0.001"],
    [1.5, "1.5"],
    [-0, "-0.0"],
  ])("%d is %s", (value, text) => {
    expect(javaFloatText(value)).toBe(text);
  });

  it("reads back to the same float", () => {
    fc.assert(
      fc.property(fc.float(), (x) => Object.is(parseFloatText(javaFloatText(x)), x)),
      { numRuns: 1000 },
    );
  });
});

describe("07 §3.4: nearest float", () => {
  it("does not round twice", () => {
    // Just above and just below the middle of 1 and the next float; as a double both are the middle itself.
    expect(parseFloatText("1.00000005960464477540")).toBe(1 + 2 ** -23);
    expect(parseFloatText("1.00000005960464477538")).toBe(1);
    expect(parseFloatText("1.000000059604644775390625")).toBe(1);
  });
  it("overflows where the largest float ends", () => {
    // Halfway from the largest float to 2^128: as a double both texts are that middle.
    expect(parseFloatText("340282356779733661637539395458142568448")).toBe(Number.POSITIVE_INFINITY);
    expect(parseFloatText("-340282356779733661637539395458142568447")).toBe(-Math.fround(3.4028235e38));
    expect(parseFloatText("1e400")).toBe(Number.POSITIVE_INFINITY);
  });
  it.each(["", "x", "1e", "0x10", "1_0", "--1"])("refuses %j", (text) => {
    expect(() => parseFloatText(text)).toThrow("Invalid floating-point value");
    expect(() => parseDoubleText(text)).toThrow("Invalid floating-point value");
  });
  it("takes NaN and infinities in any case, and suffixes", () => {
    expect(parseFloatText("nan")).toBeNaN();
    expect(parseDoubleText("+INFINITY")).toBe(Number.POSITIVE_INFINITY);
    expect(parseDoubleText("-infinity")).toBe(Number.NEGATIVE_INFINITY);
    expect(parseDoubleText(" 1.5d ")).toBe(1.5);
  });
});

function partsOf(value: number): BinaryFloat {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return {
    significand: biased === 0 ? fraction : fraction | (1n << 52n),
    exponent: (biased === 0 ? 1 : biased) - 1075,
    lowerGapIsHalf: fraction === 0n && biased > 1,
  };
}

function digitsAndExponent(text: string): { digits: string; exponent: number } {
  const [mantissa = "", exponent = "0"] = text.replace("-", text.startsWith("-") ? "" : "-").split("E");
  const point = mantissa.indexOf(".");
  const all = mantissa.replace(".", "");
  const leading = all.length - all.replace(/^0+/, "").length;
  return {
    digits: all.slice(leading).replace(/0+$/, ""),
    exponent: Number(exponent) + point - 1 - leading,
  };
}
