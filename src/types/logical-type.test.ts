import { describe, expect, it } from "vitest";
import {
  decimalType,
  formatLogicalType,
  isComplex,
  isOrderable,
  type LogicalType,
  PLAIN_KINDS,
  TEMPORAL_KINDS,
} from "./logical-type.ts";
import { parseLogicalType } from "./parse-logical-type.ts";

describe("07 §1.2: canonical text", () => {
  it("07 T1: DECIMAL without a space", () => {
    const texts = [decimalType(10, 2), decimalType(38, 0), decimalType(1, 1)].map(formatLogicalType);
    expect(texts).toEqual(["DECIMAL(10,2)", "DECIMAL(38,0)", "DECIMAL(1,1)"]);
  });
  it("07 T2: temporal precision in parentheses", () => {
    expect(formatLogicalType({ kind: "TIME", precision: 3 })).toBe("TIME(3)");
    expect(formatLogicalType({ kind: "TIMESTAMP", precision: 6 })).toBe("TIMESTAMP(6)");
    expect(formatLogicalType({ kind: "TIMESTAMPTZ", precision: 0 })).toBe("TIMESTAMPTZ(0)");
    expect(formatLogicalType({ kind: "TIMESTAMPTZ", precision: undefined })).toBe("TIMESTAMPTZ");
  });
  it.each([
    "INTERVAL",
    "INTERVAL YEAR TO MONTH",
    "INTERVAL YEAR(4) TO MONTH",
    "INTERVAL DAY TO SECOND",
    "INTERVAL DAY(2) TO SECOND",
    "INTERVAL DAY TO SECOND(3)",
    "INTERVAL DAY(2) TO SECOND(3)",
  ])("%s comes back as it went in", (text) => {
    expect(formatLogicalType(parseLogicalType(text))).toBe(text);
  });
  it("07 T9: DECIMAL checks precision and scale, without an upper limit", () => {
    for (const [p, s] of [
      [0, 0],
      [-1, 0],
      [10, -1],
      [5, 6],
    ] as const) {
      expect(() => decimalType(p, s)).toThrow(
        `Invalid DECIMAL(precision, scale): ${p}, ${s} (precision must be ≥ 1, scale must be 0–precision)`,
      );
    }
    expect(formatLogicalType(decimalType(76, 10))).toBe("DECIMAL(76,10)");
    expect(formatLogicalType(decimalType(38, 38))).toBe("DECIMAL(38,38)");
  });
});

describe("07 §1.1: properties of kinds", () => {
  it("INTERVAL, JSON and the complex kinds have no order", () => {
    const without = ["INTERVAL", "JSON", "ARRAY", "MAP", "STRUCT", "VARIANT"].map(parseLogicalType);
    expect(without.some(isOrderable)).toBe(false);
    expect(without.filter(isComplex)).toHaveLength(4);
    expect(
      [decimalType(3, 1), ...["UUID", "BINARY", "TIMESTAMP"].map(parseLogicalType)].every(isOrderable),
    ).toBe(true);
  });
});

describe("07 §1.3: parsing", () => {
  it.each(["DECIMAL( 10 , 2 )", "decimal(10,2)", "NUMERIC(10,2)", "numeric (10, 2)"])("07 T3: %s", (text) => {
    expect(parseLogicalType(text)).toEqual({ kind: "DECIMAL", precision: 10, scale: 2 });
  });
  it.each([
    ["  INT  ", "INT"],
    ["double   precision", "DOUBLE"],
    ["timestamp  with  time  zone", "TIMESTAMPTZ"],
    ["\tSTRING\t", "STRING"],
  ])("07 T4: %j is %s", (text, canonical) => {
    expect(formatLogicalType(parseLogicalType(text))).toBe(canonical);
  });
  it.each(["VARCHAR(255)", "VARCHAR(MAX)", "CHAR(10)", "character(3)", "nvarchar( max )"])(
    "07 T5: %s is STRING",
    (text) => {
      expect(parseLogicalType(text)).toEqual({ kind: "STRING" });
    },
  );
  it("07 T6: the precision comes after WITH TIME ZONE", () => {
    expect(parseLogicalType("TIMESTAMP WITH TIME ZONE(3)")).toEqual({ kind: "TIMESTAMPTZ", precision: 3 });
    expect(() => parseLogicalType("TIMESTAMP(3) WITH TIME ZONE")).toThrow("Unrecognized logical type");
  });
  it("07 T7: ranged intervals", () => {
    expect(parseLogicalType("INTERVAL DAY(2) TO SECOND(3)")).toEqual({
      kind: "INTERVAL",
      range: { kind: "DAY_TO_SECOND", leadingPrecision: 2, fractionPrecision: 3 },
    });
    expect(parseLogicalType("INTERVAL YEAR(9) TO MONTH")).toEqual({
      kind: "INTERVAL",
      range: { kind: "YEAR_TO_MONTH", leadingPrecision: 9 },
    });
    expect(parseLogicalType("INTERVAL(3)")).toEqual({
      kind: "INTERVAL",
      range: { kind: "DAY_TO_SECOND", leadingPrecision: undefined, fractionPrecision: 3 },
    });
  });
  it.each([
    ["DECIMAL", 'Unrecognized logical type: "DECIMAL" (DECIMAL requires precision and scale)'],
    ["NUMERIC", 'Unrecognized logical type: "NUMERIC" (DECIMAL requires precision and scale)'],
    ["GEOGRAPHY", 'Unrecognized logical type: "GEOGRAPHY"'],
    ["INT96", 'Unrecognized logical type: "INT96"'],
    ["INT(10)", 'Unrecognized logical type: "INT(10)" (type does not accept parameters: INT)'],
    ["DECIMAL(10)", 'Unrecognized logical type: "DECIMAL(10)" (type does not accept parameters: DECIMAL)'],
    ["BOOLEAN(1)", 'Unrecognized logical type: "BOOLEAN(1)" (type does not accept parameters: BOOLEAN)'],
    ["VARCHAR(foo)", 'Unrecognized logical type: "VARCHAR(foo)" (invalid string length parameter)'],
    ["TIMESTAMP(bad)", 'Unrecognized logical type: "TIMESTAMP(bad)" (invalid temporal precision parameter)'],
    ["TIME(9)", 'Unrecognized logical type: "TIME(9)" (temporal precision must be 0..6)'],
    [
      "INTERVAL DAY TO SECOND(7)",
      'Unrecognized logical type: "INTERVAL DAY TO SECOND(7)" (precision must be 0..6)',
    ],
    ["", "Logical type must not be null/blank"],
    ["   ", "Logical type must not be null/blank"],
  ])("07 T8: %j is refused", (text, message) => {
    expect(() => parseLogicalType(text)).toThrow(new RegExp(`^${escaped(message)}$`));
  });
  it("07 T10: every kind but DECIMAL reads back its own text", () => {
    const plain: LogicalType[] = PLAIN_KINDS.map((kind) => ({ kind }));
    const temporal: LogicalType[] = TEMPORAL_KINDS.map((kind) => ({ kind, precision: undefined }));
    for (const type of [...plain, ...temporal, { kind: "INTERVAL", range: undefined } as const]) {
      expect(parseLogicalType(formatLogicalType(type))).toEqual(type);
    }
  });
  it.each([
    ["INT", "INTEGER BIGINT LONG SMALLINT TINYINT INT8 INT4 INT2 UINT8 UINT4 UINT2 long".split(" ")],
    ["FLOAT", ["FLOAT4", "FLOAT32", "REAL"]],
    ["DOUBLE", ["FLOAT8", "FLOAT64", "DOUBLE PRECISION"]],
    ["STRING", ["VARCHAR", "CHAR", "CHARACTER", "TEXT", "NTEXT", "NVARCHAR"]],
    ["BINARY", ["VARBINARY", "BYTEA", "BLOB", "IMAGE"]],
    ["BOOLEAN", ["BOOL", "BIT"]],
    ["TIMESTAMPTZ", ["TIMESTAMP WITH TIME ZONE"]],
    ["TIMESTAMP", ["DATETIME"]],
    ["JSON", ["JSONB"]],
  ])("aliases of %s", (kind, names) => {
    expect(names.map((name) => formatLogicalType(parseLogicalType(name)))).toEqual(names.map(() => kind));
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
