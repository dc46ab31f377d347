import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBounds, decodeBound, encodeBound, mergeBound, mergeValue } from "./bounds.ts";
import { compareValues } from "./compare.ts";
import type { LogicalType } from "./logical-type.ts";
import { parseLogicalType } from "./parse-logical-type.ts";
import type { LogicalValue } from "./value.ts";

const encode = (type: string, value: LogicalValue) => encodeBound(parseLogicalType(type), value);
const encodeText = (type: string, text: string) => encode(type, { kind: "STRING", value: text });
const int = (value: bigint): LogicalValue => ({ kind: "INT", value });
const double = (value: number): LogicalValue => ({ kind: "DOUBLE", value });
const decimal = (unscaled: bigint, scale: number): LogicalValue => ({
  kind: "DECIMAL",
  value: { unscaled, scale },
});
const bytes = (hex: string): LogicalValue => ({
  kind: "BINARY",
  value: Uint8Array.from(Buffer.from(hex, "hex")),
});

describe("07 §3.1: text form", () => {
  it.each([
    [decimal(1234500n, 4), "123.45"],
    [decimal(0n, 2), "0"],
    [decimal(1n, -5), "100000"],
    [decimal(-5n, 3), "-0.005"],
    [decimal(10000n, 2), "100"],
    [decimal(10n, 6), "0.00001"],
  ])("07 T12: DECIMAL %o is %s", (value, text) => {
    expect(encode("DECIMAL(38,6)", value)).toBe(text);
  });
  it("07 T12: DECIMAL from text", () => {
    expect(["00123.4500", "-0.00", "1E+5", "-.5", "5."].map((t) => encodeText("DECIMAL(10,4)", t))).toEqual([
      "123.45",
      "0",
      "100000",
      "-0.5",
      "5",
    ]);
  });
  it.each([
    [-0, "0"],
    [1.5, "1.5"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
    [16777216, "1.6777216E7"],
  ])("07 T13: FLOAT %d is %s", (value, text) => {
    expect(encode("FLOAT", { kind: "FLOAT", value })).toBe(text);
  });
  it("07 T15: INT is exact or refused", () => {
    expect(encode("INT", int(2n ** 63n - 1n))).toBe("9223372036854775807");
    expect(encode("INT", int(-(2n ** 63n)))).toBe("-9223372036854775808");
    expect(() => encode("INT", int(2n ** 63n))).toThrow("INT value out of 64-bit range: 9223372036854775808");
    expect(() => encode("INT", decimal(12345n, 2))).toThrow(
      "INT value must be a whole 64-bit number, got: 123.45",
    );
    expect(() => encode("INT", double(1.5))).toThrow("INT value must be a whole number, got: 1.5");
    expect(() => encode("INT", double(Number.NaN))).toThrow("INT value must be finite, got: NaN");
    expect(encode("INT", decimal(12300n, 2))).toBe("123");
    expect(encode("INT", decimal(12n, -2))).toBe("1200");
    expect(() => encode("INT", decimal(1n, -30))).toThrow("whole 64-bit number");
    expect(() => encode("INT", decimal(1n, 2_000_000_000))).toThrow();
  });
  it("07 T16: DATE from a date, an epoch day and no fraction", () => {
    expect(encodeText("DATE", "2024-01-02")).toBe("2024-01-02");
    expect(encode("DATE", int(1n))).toBe("1970-01-02");
    expect(() => encode("DATE", double(1.25))).toThrow("whole number");
    expect(() => encode("DATE", int(2n ** 62n))).toThrow("out of range");
  });
  it("07 T17: TIME prints seconds always and no trailing zeros", () => {
    expect(encodeText("TIME", "05:04:03.120000000")).toBe("05:04:03.12");
    expect(encodeText("TIME", "10:15")).toBe("10:15:00");
  });
  it("07 T18: TIME and timestamps refuse numbers", () => {
    for (const type of ["TIME", "TIMESTAMP", "TIMESTAMPTZ"])
      expect(() => encode(type, int(3661n))).toThrow(type);
  });
  it("07 T19: TIMESTAMP cuts to microseconds", () => {
    expect(encodeText("TIMESTAMP", "2026-02-26T12:34:56.123456789")).toBe("2026-02-26T12:34:56.123456");
    expect(encodeText("TIMESTAMP", "2026-02-26T12:34:56.100")).toBe("2026-02-26T12:34:56.1");
    expect(encodeText("TIMESTAMP", "2026-02-26T12:34")).toBe("2026-02-26T12:34:00");
  });
  it.each([
    ["56.123456789Z", "56.123456Z"],
    ["56.1Z", "56.100Z"],
    ["56.1234Z", "56.123400Z"],
    ["00Z", "00Z"],
  ])("07 T20: TIMESTAMPTZ :%s prints :%s", (given, text) => {
    expect(encodeText("TIMESTAMPTZ", `2026-02-26T12:34:${given}`)).toBe(`2026-02-26T12:34:${text}`);
  });
  it("07 T21: an explicit precision prints exactly its digits", () => {
    const at = "2026-02-26T01:02:03.1239";
    expect(encodeText("TIMESTAMP(3)", at)).toBe("2026-02-26T01:02:03.123");
    expect(encodeText("TIME(0)", "01:02:03.9")).toBe("01:02:03");
    expect(encodeText("TIMESTAMPTZ(3)", `${at}Z`)).toBe("2026-02-26T01:02:03.123Z");
    expect(encodeText("TIMESTAMPTZ(0)", `${at}Z`)).toBe("2026-02-26T01:02:03Z");
    expect(encodeText("TIME(4)", "01:02:03")).toBe("01:02:03.0000");
    expect(encode("TIMESTAMP(0)", { kind: "TIMESTAMP", value: -1n })).toBe("1969-12-31T23:59:59");
  });
  it("07 T22: a zoned text is no TIMESTAMP", () => {
    expect(() => decodeBound(parseLogicalType("TIMESTAMP"), "2026-02-26T12:34:56Z")).toThrow(
      "timezone-naive",
    );
  });
  it("07 T23: BINARY is base64", () => {
    expect(encode("BINARY", bytes("007fff"))).toBe("AH//");
    expect(encode("BINARY", bytes(""))).toBe("");
  });
  it("07 T24: BINARY from text", () => {
    expect(encodeText("BINARY", "0xDEADBEEF")).toBe(Buffer.from("deadbeef", "hex").toString("base64"));
    expect(() => encodeText("BINARY", "0xABC")).toThrow("Invalid hex BINARY value (odd length): 0xABC");
    expect(() => encodeText("BINARY", "0xDEADBEG0")).toThrow("Invalid hex BINARY value: 0xDEADBEG0");
    expect(() => encodeText("BINARY", "AH/")).not.toThrow();
    expect(() => encodeText("BINARY", "A")).toThrow("Invalid base64 BINARY value: A");
  });
  it("07 T25: BOOLEAN from text", () => {
    expect([" 1", "T", "TRUE", "f ", "0"].map((t) => encodeText("BOOLEAN", t))).toEqual([
      "true",
      "true",
      "true",
      "false",
      "false",
    ]);
    expect(() => encodeText("BOOLEAN", "yes")).toThrow("Invalid BOOLEAN value: yes");
  });
  it("07 T26: TIME in microseconds, within a day", () => {
    expect(encode("TIME", { kind: "TIME", value: 45296123456n })).toBe("12:34:56.123456");
    expect(() => encode("TIME", { kind: "TIME", value: 86_400_000_000n })).toThrow("outside of the day");
  });
  it("07 T27: timestamps in microseconds", () => {
    const value = 1735734896123456n;
    expect(encode("TIMESTAMP", { kind: "TIMESTAMP", value })).toBe("2025-01-01T12:34:56.123456");
    expect(encode("TIMESTAMPTZ", { kind: "TIMESTAMPTZ", value })).toBe("2025-01-01T12:34:56.123456Z");
  });
  it("07 T28: a float widened to double", () => {
    expect(encode("DOUBLE", { kind: "FLOAT", value: Math.fround(0.1) })).toBe("0.10000000149011612");
  });
  it.each([
    [2147483647, "+5881580-07-11"],
    [-2147483648, "-5877641-06-23"],
    [-719528, "0000-01-01"],
    [-719529, "-0001-12-31"],
    [2932897, "+10000-01-01"],
  ])("07 T29: epoch day %i is %s", (value, text) => {
    expect(encode("DATE", { kind: "DATE", value })).toBe(text);
  });
  it.each([
    [-1n, "1969-12-31T23:59:59.999999Z"],
    [253402300800_000000n, "+10000-01-01T00:00:00Z"],
    [2n ** 63n - 1n, "+294247-01-10T04:00:54.775807Z"],
    [-(2n ** 63n), "-290308-12-21T19:59:05.224192Z"],
  ])("07 T29: instant %d µs is %s", (value, text) => {
    expect(encode("TIMESTAMPTZ", { kind: "TIMESTAMPTZ", value })).toBe(text);
    expect(encode("TIMESTAMP", { kind: "TIMESTAMP", value })).toBe(text.slice(0, -1));
  });
  it("07 §3.1: UUID in lower case, short groups padded", () => {
    expect(encodeText("UUID", "F47AC10B-58CC-4372-A567-0E02B2C3D479")).toBe(
      "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    );
    expect(encodeText("UUID", "1-2-3-4-5")).toBe("00000001-0002-0003-0004-000000000005");
    expect(() => encodeText("UUID", "f47ac10b58cc4372a5670e02b2c3d479")).toThrow("Invalid UUID");
  });
  it("07 §3.1: kinds without an order refuse", () => {
    expect(() => encodeText("JSON", "{}")).toThrow(
      "min/max encoding is unsupported for non-stats-orderable type JSON",
    );
    expect(() => encodeText("ARRAY", "")).toThrow("min/max encoding is unsupported for complex type ARRAY");
  });
  it("a decimal too long to print is refused, not printed", () => {
    expect(() => encodeText("DECIMAL(38,0)", "1E2000000000")).toThrow("too long to print");
  });
});

describe("07 §3.4: reading bounds back", () => {
  it("blank is no value", () => {
    expect(decodeBound({ kind: "STRING" }, " \t")).toBeUndefined();
  });
  it("accepts + before an integer, and nothing but digits", () => {
    expect(decodeBound({ kind: "INT" }, "+5")).toEqual(int(5n));
    for (const text of ["5.0", "0x5", "5L", " 5", "9223372036854775808"]) {
      expect(() => decodeBound({ kind: "INT" }, text)).toThrow();
    }
  });
  it("converts an offset to UTC", () => {
    const type = parseLogicalType("TIMESTAMPTZ");
    const utc = decodeBound(type, "2026-02-26T12:34:56Z");
    expect(decodeBound(type, "2026-02-26T14:34:56+02:00")).toEqual(utc);
    expect(decodeBound(type, "2026-02-26T07:04:56-05:30")).toEqual(utc);
    expect(() => decodeBound(type, "2026-02-26T12:34:56")).toThrow("Invalid TIMESTAMPTZ value");
  });
  it("reads BINARY as base64 also where it looks like hex", () => {
    expect(decodeBound({ kind: "BINARY" }, "0xAB")).toEqual({
      kind: "BINARY",
      value: Uint8Array.from(Buffer.from("0xAB", "base64")),
    });
  });
  it.each(["2024-02-30", "2023-02-29", "2024-13-01", "24-01-01", "-0000-01-01", "10000-01-01", "+999-01-01"])(
    "%s is no date",
    (text) => {
      expect(() => decodeBound({ kind: "DATE" }, text)).toThrow("Invalid DATE value");
    },
  );
});

const ROUND_TRIP: [string, fc.Arbitrary<LogicalValue>][] = [
  ["BOOLEAN", fc.boolean().map((value) => ({ kind: "BOOLEAN", value }))],
  ["INT", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int)],
  ["DOUBLE", fc.double({ noNaN: false }).map((x) => double(x === 0 ? 0 : x))],
  ["FLOAT", fc.float().map((x) => ({ kind: "FLOAT", value: x === 0 ? 0 : x }))],
  ["BINARY", fc.uint8Array({ minLength: 1 }).map((value) => ({ kind: "BINARY", value }))],
  ["UUID", fc.uint8Array({ minLength: 16, maxLength: 16 }).map((value) => ({ kind: "UUID", value }))],
  ["DATE", fc.integer().map((value) => ({ kind: "DATE", value }))],
  ["TIME", fc.bigInt({ min: 0n, max: 86_399_999_999n }).map((value) => ({ kind: "TIME", value }))],
  [
    "TIMESTAMP",
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ kind: "TIMESTAMP", value })),
  ],
  [
    "TIMESTAMPTZ",
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ kind: "TIMESTAMPTZ", value })),
  ],
  [
    "STRING",
    fc.string({ unit: "binary", minLength: 1 }).map((text) => ({ kind: "STRING", value: `x${text}` })),
  ],
];

describe("07 §3, §4: properties", () => {
  it.each(ROUND_TRIP)("%s reads back what it wrote", (typeText, values) => {
    const type = parseLogicalType(typeText);
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeBound(type, encodeBound(type, value))).toEqual(value);
      }),
    );
  });
  it.each([
    ...ROUND_TRIP,
    [
      "DECIMAL(38,10)",
      fc
        .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -5, max: 30 }))
        .map(([u, s]) => decimal(u, s)),
    ] as [string, fc.Arbitrary<LogicalValue>],
  ])("%s has a total order that its text keeps", (typeText, values) => {
    const type = parseLogicalType(typeText);
    const order = (a: LogicalValue, b: LogicalValue) => Math.sign(compareValues(type, a, b));
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        expect(order(a, a)).toBe(0);
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
        expect(Math.sign(compareBounds(type, encodeBound(type, a), encodeBound(type, b)))).toBe(order(a, b));
      }),
    );
  });
});

describe("07 §4: order of encoded bounds", () => {
  const order = (type: string, a: string, b: string) =>
    Math.sign(compareBounds(parseLogicalType(type), a, b));
  it("07 T30: INT by number", () => {
    expect(order("INT", "10", "9")).toBe(1);
  });
  it("07 T31: DECIMAL ignores the scale, the first text stays", () => {
    expect(order("DECIMAL(10,2)", "1.0", "1")).toBe(0);
    expect(mergeBound(parseLogicalType("DECIMAL(10,2)"), "1.0", "1", "min")).toBe("1.0");
    expect(order("DECIMAL(10,2)", "-1E1000000000", "-1E999999999")).toBe(-1);
    expect(order("DECIMAL(10,2)", "-2", "1")).toBe(-1);
  });
  it("07 T32: UUID halves are signed", () => {
    const one = "00000000-0000-0000-0000-000000000001";
    expect(order("UUID", "80000000-0000-0000-0000-000000000000", one)).toBe(-1);
    expect(order("UUID", "00000000-0000-0000-8000-000000000000", one)).toBe(-1);
    expect(order("UUID", "7fffffff-ffff-ffff-ffff-ffffffffffff", one)).toBe(1);
  });
  it("07 T33: STRING by UTF-16 code unit", () => {
    expect(order("STRING", "\ufffd", "\u{1f600}")).toBe(1);
    expect(order("STRING", "a", "B")).toBe(1);
  });
  it("07 T34: BINARY by unsigned byte, then length", () => {
    const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
    expect(order("BINARY", base64("7f"), base64("80"))).toBe(-1);
    expect(order("BINARY", base64("01"), base64("0100"))).toBe(-1);
  });
  it("07 T35: NaN is above Infinity; zeros differ before encoding", () => {
    expect(order("DOUBLE", "NaN", "Infinity")).toBe(1);
    expect(order("DOUBLE", "NaN", "NaN")).toBe(0);
    expect(compareValues({ kind: "DOUBLE" }, double(-0), double(0))).toBeLessThan(0);
  });
  it("07 T36: a blank bound is ignored", () => {
    const type: LogicalType = { kind: "STRING" };
    expect(mergeBound(type, "", "b", "min")).toBe("b");
    expect(mergeBound(type, "b", "", "min")).toBe("b");
    expect(mergeBound(type, " ", "a", "min")).toBe("a");
    expect(mergeBound(type, undefined, " ", "min")).toBeUndefined();
    expect(mergeBound(type, undefined, "a", "max")).toBe("a");
  });
  it("07 T37: an unreadable bound changes nothing", () => {
    expect(mergeBound({ kind: "INT" }, "5", "x", "min")).toBe("5");
    expect(mergeBound({ kind: "INT" }, "x", "5", "min")).toBe("x");
  });
  it("07 T38: JSON has no order", () => {
    expect(() => order("JSON", "1", "2")).toThrow("Logical type is not orderable: JSON");
    expect(() => compareBounds(undefined, "1", "2")).toThrow("Logical type is not orderable: <null>");
    expect(mergeBound({ kind: "JSON" }, "2", "1", "min")).toBe("2");
    expect(mergeBound(undefined, "2", "1", "min")).toBe("2");
  });
  it("07 §4.2: the lower minimum and the higher maximum win", () => {
    expect(mergeBound({ kind: "INT" }, "10", "9", "min")).toBe("9");
    expect(mergeBound({ kind: "INT" }, "9", "10", "max")).toBe("10");
    expect(mergeBound({ kind: "INT" }, "10", "9", "max")).toBe("10");
  });
  it("07 §4.3: inside a file the first of equal values stays, and no value gives way", () => {
    const first = decimal(10n, 1);
    expect(mergeValue(parseLogicalType("DECIMAL(5,1)"), first, decimal(1n, 0), "min")).toBe(first);
    expect(mergeValue({ kind: "INT" }, undefined, int(3n), "max")).toEqual(int(3n));
    expect(mergeValue({ kind: "INT" }, int(3n), undefined, "max")).toEqual(int(3n));
    expect(mergeValue({ kind: "INT" }, int(3n), int(4n), "max")).toEqual(int(4n));
    expect(mergeValue({ kind: "INT" }, int(3n), int(2n), "min")).toEqual(int(2n));
  });
  it("07 §4.1: no value sorts below every value", () => {
    expect(compareValues({ kind: "INT" }, undefined, int(-5n))).toBeLessThan(0);
    expect(compareValues({ kind: "INT" }, undefined, undefined)).toBe(0);
  });
  it("07 §4.1: another kind is brought to the column's first", () => {
    expect(
      compareValues({ kind: "DECIMAL", precision: 5, scale: 2 }, int(2n), decimal(150n, 2)),
    ).toBeGreaterThan(0);
    expect(() => compareValues({ kind: "INT" }, double(1.5), int(1n))).toThrow("whole number");
  });
});
