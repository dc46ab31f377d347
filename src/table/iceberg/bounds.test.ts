import { describe, expect, it } from "vitest";
import { formatLogicalType } from "../../types/index.ts";
import { boundText } from "./bounds.ts";
import { logicalTypeOf } from "./logical-type.ts";
import type { IcebergType } from "./metadata/index.ts";

const text = (type: IcebergType, hex: string) =>
  boundText(type, logicalTypeOf(type), Buffer.from(hex, "hex"));

function little64(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.toString("hex");
}

describe("bounds (04 §9, 07 §1.5)", () => {
  it.each([
    [45_296_123_456n, "12:34:56.123456"],
    [86_400_000_000n, undefined],
    [86_399_999_999n, "23:59:59.999999"],
    [-1n, undefined],
  ])("04 T36: time %s", (micros, expected) => {
    expect(text({ kind: "time" }, little64(micros))).toBe(expected);
  });

  it("04 T37: timestamps are micros, those with a zone print Z", () => {
    const hex = little64(1_735_734_896_123_456n);
    expect(text({ kind: "timestamp" }, hex)).toBe("2025-01-01T12:34:56.123456");
    expect(text({ kind: "timestamptz" }, hex)).toBe("2025-01-01T12:34:56.123456Z");
  });

  it("04 T38: nanoseconds are floored to micros", () => {
    const hex = little64(1_735_734_896_123_456_789n);
    expect(text({ kind: "timestamp_ns" }, hex)).toBe("2025-01-01T12:34:56.123456");
    expect(text({ kind: "timestamptz_ns" }, hex)).toBe("2025-01-01T12:34:56.123456Z");
    expect(text({ kind: "timestamp_ns" }, little64(-1n))).toBe("1969-12-31T23:59:59.999999");
  });

  it("04 T39: a long of four bytes is an int that was promoted; two bytes are no bound", () => {
    expect(text({ kind: "long" }, "2a000000")).toBe("42");
    expect(text({ kind: "long" }, "2a00000000")).toBe("42");
    expect(text({ kind: "long" }, "2a00")).toBeUndefined();
    expect(text({ kind: "int" }, "2a0000")).toBeUndefined();
  });

  it("04 T40: a double of four bytes is a float that was promoted", () => {
    expect(text({ kind: "double" }, "c3f54840")).toBe("3.140000104904175");
    expect(text({ kind: "double" }, "c3f548")).toBeUndefined();
  });

  it("a date that was promoted to a timestamp is read as days (decision 29)", () => {
    expect(text({ kind: "timestamp" }, "014e0000")).toBe("2024-09-03T00:00:00");
    expect(text({ kind: "timestamp_ns" }, "014e0000")).toBe("2024-09-03T00:00:00");
  });

  it.each([
    [7, 2, "", undefined],
    [7, 2, "65", "1.01"],
    [7, 2, "32", "0.5"],
    [7, 2, "2710", "100"],
    [5, 2, "fce0", "-8"],
    [38, 2, "ff".repeat(65), undefined],
  ])("04 T41: decimal(%i,%i) %j", (precision, scale, hex, expected) => {
    expect(text({ kind: "decimal", precision, scale }, hex)).toBe(expected);
  });

  it("04 T42: an empty payload is no bound", () => {
    expect(text({ kind: "string" }, "")).toBeUndefined();
    expect(text({ kind: "string" }, "62")).toBe("b");
    expect(text({ kind: "binary" }, "")).toBeUndefined();
  });

  it("04 T43 (decision 33): a string that is not UTF-8 is no bound, nor is one of a container", () => {
    expect(text({ kind: "string" }, "ff")).toBeUndefined();
    expect(text({ kind: "variant" }, "00")).toBeUndefined();
    expect(text({ kind: "struct", fields: [] }, "00")).toBeUndefined();
  });

  it("04 T45: uuid", () => {
    expect(text({ kind: "uuid" }, "00112233445566778899aabbccddeeff")).toBe(
      "00112233-4455-6677-8899-aabbccddeeff",
    );
    expect(text({ kind: "uuid" }, "0011")).toBeUndefined();
  });

  it.each<[IcebergType, string, string]>([
    [{ kind: "boolean" }, "01", "true"],
    [{ kind: "boolean" }, "00", "false"],
    [{ kind: "date" }, "014e0000", "2024-09-03"],
    [{ kind: "float" }, "c3f54840", "3.14"],
    [{ kind: "float" }, "0000c07f", "NaN"],
    [{ kind: "double" }, "0000000000000080", "0"],
    [{ kind: "fixed", length: 2 }, "00ff", "AP8="],
    [{ kind: "string" }, "efbbbf61", "\ufeffa"],
    [{ kind: "int" }, "2a000000ff", "42"],
  ])("%j %s is %s", (type, hex, expected) => {
    expect(text(type, hex)).toBe(expected);
  });
});

describe("logical types (04 §8.1)", () => {
  it("04 T57, 07 T11: types without a mapping fail by the name of their type id", () => {
    expect(() => logicalTypeOf({ kind: "geometry" })).toThrow("Unrecognized Iceberg type: GEOMETRY");
    expect(() => logicalTypeOf({ kind: "unknown" })).toThrow("Unrecognized Iceberg type: UNKNOWN");
  });

  it.each<[IcebergType, string]>([
    [{ kind: "int" }, "INT"],
    [{ kind: "long" }, "INT"],
    [{ kind: "fixed", length: 16 }, "BINARY"],
    [{ kind: "timestamp_ns" }, "TIMESTAMP"],
    [{ kind: "timestamptz" }, "TIMESTAMPTZ"],
    [{ kind: "timestamptz_ns" }, "TIMESTAMPTZ"],
    [{ kind: "uuid" }, "UUID"],
    [{ kind: "decimal", precision: 10, scale: 2 }, "DECIMAL(10,2)"],
    [{ kind: "variant" }, "VARIANT"],
  ])("07 T11: %j is %s", (type, expected) => {
    expect(formatLogicalType(logicalTypeOf(type))).toBe(expected);
  });

  it("07 §1.4: decimals beyond 38 digits are refused", () => {
    expect(() => logicalTypeOf({ kind: "decimal", precision: 39, scale: 0 })).toThrow(
      "Unsupported DECIMAL precision 39 for Iceberg declared type 'decimal(39, 0)'; max supported precision is 38",
    );
  });
});
