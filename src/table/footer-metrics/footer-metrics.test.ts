import { describe, expect, it } from "vitest";
import {
  type ChunkSpec,
  doubleBytes,
  type FooterSpec,
  floatBytes,
  footerOf,
  int32Bytes,
  int64Bytes,
  int96Bytes,
  type LeafSpec,
} from "../../../test/support/footer-builder.ts";
import type { ColumnMetrics, FooterColumn } from "../snapshot.ts";
import { footerMetrics } from "./footer-metrics.ts";

const utf8 = (text: string) => Buffer.from(text);

/** Metrics of a file with the one column `c`, a row group of 10 rows for each chunk. */
function metricsOf(
  logicalType: string,
  leaf: Omit<LeafSpec, "path">,
  chunks: readonly ChunkSpec[],
  more: Partial<FooterSpec> & { match?: FooterColumn["match"] } = {},
): ColumnMetrics | undefined {
  const footer = footerOf({
    leaves: [{ path: ["c"], ...leaf }],
    rowGroups: chunks.map((chunk) => ({ rows: 10, chunks: [chunk] })),
    ...more,
  });
  const match = more.match ?? { by: "name", name: "c" };
  return footerMetrics(footer, { columns: [{ columnId: 1n, logicalType, match }] }, "f.parquet").columns.get(
    1n,
  );
}

function range(min: Uint8Array, max: Uint8Array, nullCount: bigint | undefined = 0n): ChunkSpec {
  return { statistics: { minValue: min, maxValue: max, nullCount } };
}

/** Bounds of a file whose only chunk has this minimum and maximum. */
function boundsOf(logicalType: string, leaf: Omit<LeafSpec, "path">, min: Uint8Array, max: Uint8Array) {
  const metrics = metricsOf(logicalType, leaf, [range(min, max)]);
  return [metrics?.min, metrics?.max];
}

const INT64: Omit<LeafSpec, "path"> = { physicalType: "INT64" };
const TEXT: Omit<LeafSpec, "path"> = { physicalType: "BYTE_ARRAY", annotation: { kind: "STRING" } };

describe("05 §7.3: counts", () => {
  it("sums rows and null counts over row groups", () => {
    const footer = footerOf({
      leaves: [{ path: ["c"], ...INT64 }],
      rowGroups: [
        { rows: 10, chunks: [range(int64Bytes(1n), int64Bytes(2n), 4n)] },
        { rows: 20, chunks: [range(int64Bytes(1n), int64Bytes(2n), 5n)] },
      ],
    });
    const plan = {
      columns: [{ columnId: 1n, logicalType: "INT", match: { by: "name", name: "c" } as const }],
    };
    const metrics = footerMetrics(footer, plan, "f");
    expect(metrics.rowCount).toBe(30n);
    expect(metrics.columns.get(1n)?.nullCount).toBe(9n);
  });

  it("knows nothing of a column that the file lacks, and of a file without row groups but its zero rows", () => {
    expect(
      metricsOf("INT", INT64, [range(int64Bytes(1n), int64Bytes(2n))], { match: { by: "name", name: "x" } }),
    ).toBeUndefined();
    const empty = footerOf({ leaves: [{ path: ["c"], ...INT64 }], rowGroups: [] });
    const plan = {
      columns: [{ columnId: 1n, logicalType: "INT", match: { by: "name", name: "c" } as const }],
    };
    expect(footerMetrics(empty, plan, "f")).toEqual({ rowCount: 0n, columns: new Map() });
  });

  it("leaves the null count out where a row group has none, unless the column is required", () => {
    const chunks = [range(int64Bytes(1n), int64Bytes(2n), 1n), { statistics: {} }];
    expect(metricsOf("INT", INT64, chunks)?.nullCount).toBeUndefined();
    expect(metricsOf("INT", { ...INT64, required: true }, [{}])?.nullCount).toBe(0n);
    expect(metricsOf("INT", INT64, [range(int64Bytes(1n), int64Bytes(2n), -1n)])?.nullCount).toBeUndefined();
    expect(metricsOf("INT", INT64, [range(int64Bytes(1n), int64Bytes(2n), 11n)])?.nullCount).toBeUndefined();
  });

  it("matches top-level leaves alone, never a nested or a repeated one", () => {
    const chunk = range(int64Bytes(1n), int64Bytes(2n));
    const nested = {
      leaves: [{ path: ["meta", "a"], ...INT64 }],
      match: { by: "name", name: "meta.a" } as const,
    };
    expect(metricsOf("INT", INT64, [chunk], nested)).toBeUndefined();
    expect(metricsOf("INT", { ...INT64, repeated: true }, [chunk])).toBeUndefined();
  });

  it("decision 29: matches by field id where the table maps by id", () => {
    const chunk = range(int64Bytes(1n), int64Bytes(2n));
    const match = { by: "field-id", fieldId: 7 } as const;
    expect(metricsOf("INT", { ...INT64, fieldId: 7 }, [chunk], { match })?.min).toBe("1");
    expect(metricsOf("INT", { ...INT64, fieldId: 8 }, [chunk], { match })).toBeUndefined();
  });
});

describe("05 §7.3: bounds", () => {
  it("05 T15 merges row groups in the logical order", () => {
    const chunks = [range(int64Bytes(9n), int64Bytes(9n)), range(int64Bytes(2n), int64Bytes(12n))];
    expect(metricsOf("INT", INT64, chunks)).toEqual({ nullCount: 0n, min: "2", max: "12" });
  });

  it("05 T17, decision 15: an all-null chunk keeps its null count and has no bounds, phantom or otherwise", () => {
    const allNull: ChunkSpec = { statistics: { nullCount: 10n } };
    expect(metricsOf("INT", INT64, [allNull])).toEqual({ nullCount: 10n });
    expect(metricsOf("STRING", TEXT, [allNull])).toEqual({ nullCount: 10n });
    expect(metricsOf("INT", INT64, [allNull, range(int64Bytes(5n), int64Bytes(7n), 0n)])).toEqual({
      nullCount: 10n,
      min: "5",
      max: "7",
    });
  });

  it("gives none where a row group with values has none: they wouldn't hold for the file", () => {
    expect(metricsOf("INT", INT64, [range(int64Bytes(5n), int64Bytes(7n)), {}])).toEqual({});
    const some: ChunkSpec = { statistics: { nullCount: 9n } };
    expect(metricsOf("STRING", TEXT, [range(utf8("a"), utf8("b")), some])).toEqual({ nullCount: 9n });
  });

  it("05 T18: zeros of any sign are 0, and a NaN bound voids both", () => {
    const float = { physicalType: "FLOAT" } as const;
    const double = { physicalType: "DOUBLE" } as const;
    expect(boundsOf("FLOAT", float, floatBytes(0), floatBytes(0))).toEqual(["0", "0"]);
    expect(boundsOf("DOUBLE", double, doubleBytes(0), doubleBytes(-0))).toEqual(["0", "0"]);
    expect(boundsOf("FLOAT", float, floatBytes(1), floatBytes(Number.NaN))).toEqual([undefined, undefined]);
    expect(boundsOf("DOUBLE", double, doubleBytes(Number.NaN), doubleBytes(1))).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("keeps a truncated string bound as it is, and an empty one present", () => {
    expect(boundsOf("STRING", TEXT, utf8(""), utf8("abd"))).toEqual(["", "abd"]);
  });

  it("reads a bound of the wrong length as none", () => {
    expect(boundsOf("INT", INT64, Uint8Array.of(1), Uint8Array.of(2))).toEqual([undefined, undefined]);
  });
});

describe("05 §7.3: decoding", () => {
  const timestamp = (
    adjustedToUtc: boolean,
    unit: "MILLIS" | "MICROS" | "NANOS",
  ): Omit<LeafSpec, "path"> => ({
    physicalType: "INT64",
    annotation: { kind: "TIMESTAMP", unit, adjustedToUtc },
  });
  const micros = 1735734896123456n;

  it("05 T12 decodes timestamps of every unit, zoned and not, unannotated as microseconds, and INT96", () => {
    const at = (type: string, leaf: Omit<LeafSpec, "path">, bytes: Uint8Array) =>
      boundsOf(type, leaf, bytes, bytes)[0];
    expect(at("TIMESTAMP", timestamp(false, "MICROS"), int64Bytes(micros))).toBe(
      "2025-01-01T12:34:56.123456",
    );
    expect(at("TIMESTAMPTZ", timestamp(true, "MICROS"), int64Bytes(micros))).toBe(
      "2025-01-01T12:34:56.123456Z",
    );
    expect(at("TIMESTAMPTZ", timestamp(true, "MILLIS"), int64Bytes(1735734896123n))).toBe(
      "2025-01-01T12:34:56.123Z",
    );
    expect(at("TIMESTAMP", timestamp(false, "NANOS"), int64Bytes(micros * 1000n + 789n))).toBe(
      "2025-01-01T12:34:56.123456",
    );
    for (const annotation of [undefined, { kind: "INTEGER", bitWidth: 64, signed: true } as const]) {
      const leaf = { physicalType: "INT64", ...(annotation && { annotation }) } as const;
      expect(at("TIMESTAMP", leaf, int64Bytes(micros))).toBe("2025-01-01T12:34:56.123456");
      expect(at("TIMESTAMPTZ", leaf, int64Bytes(micros))).toBe("2025-01-01T12:34:56.123456Z");
    }
    const int96 = int96Bytes(20089, 45_296_123_456_000n);
    expect(at("TIMESTAMP", { physicalType: "INT96" }, int96)).toBe("2025-01-01T12:34:56.123456");
    expect(at("TIMESTAMPTZ", { physicalType: "INT96" }, int96)).toBe("2025-01-01T12:34:56.123456Z");
  });

  it("fails the file where the annotation contradicts the table", () => {
    expect(() => boundsOf("TIMESTAMPTZ", timestamp(false, "MICROS"), int64Bytes(1n), int64Bytes(2n))).toThrow(
      "f.parquet, column c, row group 0: TIMESTAMP stats annotation mismatch: adjustedToUTC=false expected=true",
    );
    const short = Uint8Array.of(1, 2);
    expect(() => boundsOf("TIMESTAMP", { physicalType: "INT96" }, short, short)).toThrow(
      "TIMESTAMP INT96 stats must be 12 bytes, got 2",
    );
  });

  it("05 T16 drops a time of day that is none", () => {
    const time: Omit<LeafSpec, "path"> = {
      physicalType: "INT64",
      annotation: { kind: "TIME", unit: "MICROS", adjustedToUtc: false },
    };
    const bounds = boundsOf("TIME", time, int64Bytes(0n), int64Bytes(86_400_000_000n));
    expect(bounds).toEqual(["00:00:00", undefined]);
    expect(boundsOf("TIME", time, int64Bytes(0n), int64Bytes(86_399_999_999n))[1]).toBe("23:59:59.999999");
  });

  it("decodes decimals of every storage with the scale of the file", () => {
    const annotation = { kind: "DECIMAL", precision: 5, scale: 2 } as const;
    const bounds = (physicalType: LeafSpec["physicalType"], min: Uint8Array, max: Uint8Array) =>
      boundsOf("DECIMAL(5,2)", { physicalType, annotation }, min, max);
    expect(bounds("INT32", int32Bytes(-800), int32Bytes(-500))).toEqual(["-8", "-5"]);
    expect(bounds("INT64", int64Bytes(0n), int64Bytes(12n))).toEqual(["0", "0.12"]);
    expect(bounds("FIXED_LEN_BYTE_ARRAY", Uint8Array.of(0xff, 0x38), Uint8Array.of(0x00, 0x7b))).toEqual([
      "-2",
      "1.23",
    ]);
    expect(bounds("BYTE_ARRAY", Uint8Array.of(0x80), Uint8Array.of())).toEqual(["-1.28", undefined]);
  });

  it("decodes strings with and without annotation as UTF-8, bytes as base64, dates and booleans", () => {
    expect(boundsOf("STRING", { physicalType: "BYTE_ARRAY" }, utf8("a"), utf8("é"))).toEqual(["a", "é"]);
    expect(
      boundsOf("BINARY", { physicalType: "BYTE_ARRAY" }, Uint8Array.of(), Uint8Array.of(0, 0x7f, 0xff)),
    ).toEqual(["", "AH//"]);
    const date: Omit<LeafSpec, "path"> = { physicalType: "INT32", annotation: { kind: "DATE" } };
    expect(boundsOf("DATE", date, int32Bytes(-1), int32Bytes(1))).toEqual(["1969-12-31", "1970-01-02"]);
    expect(boundsOf("BOOLEAN", { physicalType: "BOOLEAN" }, Uint8Array.of(0), Uint8Array.of(1))).toEqual([
      "false",
      "true",
    ]);
  });

  it("decision 29: widened types give the exact value of the table's type, or none", () => {
    const int32 = { physicalType: "INT32" } as const;
    expect(boundsOf("INT", int32, int32Bytes(-7), int32Bytes(7))).toEqual(["-7", "7"]);
    expect(boundsOf("DOUBLE", int32, int32Bytes(-7), int32Bytes(7))).toEqual(["-7.0", "7.0"]);
    expect(boundsOf("DOUBLE", { physicalType: "FLOAT" }, floatBytes(0.1), floatBytes(0.1))[0]).toBe(
      "0.10000000149011612",
    );
    expect(boundsOf("DECIMAL(20,2)", int32, int32Bytes(5), int32Bytes(7))).toEqual(["5", "7"]);
    expect(
      boundsOf("TIMESTAMP", { ...int32, annotation: { kind: "DATE" } }, int32Bytes(1), int32Bytes(2)),
    ).toEqual(["1970-01-02T00:00:00", "1970-01-03T00:00:00"]);
    expect(boundsOf("INT", TEXT, utf8("12345678"), utf8("12345678"))).toEqual([undefined, undefined]);
    expect(boundsOf("DOUBLE", INT64, int64Bytes(1n), int64Bytes(2n))).toEqual([undefined, undefined]);
    expect(boundsOf("INT", { ...int32, annotation: { kind: "DATE" } }, int32Bytes(1), int32Bytes(2))).toEqual(
      [undefined, undefined],
    );
  });

  it("decision 37: unsigned integers of up to 32 bits count by their value, 64-bit ones have no bounds", () => {
    const unsigned = (bitWidth: number) => ({ kind: "INTEGER", bitWidth, signed: false }) as const;
    expect(
      boundsOf("INT", { physicalType: "INT32", annotation: unsigned(32) }, int32Bytes(1), int32Bytes(-1)),
    ).toEqual(["1", "4294967295"]);
    expect(
      boundsOf("INT", { physicalType: "INT64", annotation: unsigned(64) }, int64Bytes(1n), int64Bytes(-1n)),
    ).toEqual([undefined, undefined]);
  });

  it("07 §4.1: gives a UUID bound only where it is one in the order of records too", () => {
    const uuid: Omit<LeafSpec, "path"> = {
      physicalType: "FIXED_LEN_BYTE_ARRAY",
      typeLength: 16,
      annotation: { kind: "UUID" },
    };
    const bytes = (high: string, low: string) =>
      Buffer.from(high.padEnd(16, "0") + low.padEnd(16, "0"), "hex");
    const bounds = (min: Uint8Array, max: Uint8Array) =>
      boundsOf("UUID", uuid, min, max).map((text) => text !== undefined);
    expect(bounds(bytes("01", "00"), bytes("01", "7f"))).toEqual([true, true]);
    expect(bounds(bytes("01", "00"), bytes("01", "80"))).toEqual([false, false]);
    expect(bounds(bytes("01", "00"), bytes("80", "00"))).toEqual([false, false]);
    expect(bounds(bytes("01", "80"), bytes("02", "80"))).toEqual([true, false]);
    expect(bounds(bytes("01", "00"), bytes("02", "00"))).toEqual([false, true]);
  });
});

describe("05 §7.3: which footer values count", () => {
  const deprecated = (min: Uint8Array, max: Uint8Array): ChunkSpec => ({
    statistics: { min, max, nullCount: 0n },
  });
  const decimalLeaf: Omit<LeafSpec, "path"> = {
    physicalType: "INT32",
    annotation: { kind: "DECIMAL", precision: 5, scale: 2 },
  };
  const unsignedLeaf: Omit<LeafSpec, "path"> = {
    physicalType: "INT32",
    annotation: { kind: "INTEGER", bitWidth: 32, signed: false },
  };

  it("takes the deprecated pair for types of signed order, and for others only if both are equal", () => {
    expect(metricsOf("INT", INT64, [deprecated(int64Bytes(1n), int64Bytes(2n))])?.max).toBe("2");
    for (const [type, leaf, low, high] of [
      ["STRING", TEXT, utf8("a"), utf8("b")],
      ["DECIMAL(5,2)", decimalLeaf, int32Bytes(1), int32Bytes(2)],
      ["INT", unsignedLeaf, int32Bytes(1), int32Bytes(2)],
    ] as const) {
      expect(metricsOf(type, leaf, [deprecated(low, high)])?.max).toBeUndefined();
      expect(metricsOf(type, leaf, [deprecated(low, low)])?.max).toBeDefined();
    }
  });

  it("prefers the current pair, and wants both of it", () => {
    const both = {
      minValue: int64Bytes(1n),
      maxValue: int64Bytes(2n),
      min: int64Bytes(8n),
      max: int64Bytes(9n),
    };
    expect(metricsOf("INT", INT64, [{ statistics: both }])?.max).toBe("2");
    const { maxValue, ...half } = both;
    expect(maxValue).toBeDefined();
    expect(metricsOf("INT", INT64, [{ statistics: half }])?.max).toBe("9");
  });

  it("takes the current pair without column orders, but not under an undefined order unless both are equal", () => {
    const chunk = range(utf8("a"), utf8("b"));
    expect(metricsOf("STRING", TEXT, [chunk], { columnOrders: ["type-defined"] })?.min).toBe("a");
    expect(metricsOf("STRING", TEXT, [chunk], { columnOrders: ["undefined"] })?.min).toBeUndefined();
    expect(
      metricsOf("STRING", TEXT, [range(utf8("a"), utf8("a"))], { columnOrders: ["undefined"] })?.min,
    ).toBe("a");
    const int96 = range(int96Bytes(1, 0n), int96Bytes(2, 0n));
    expect(metricsOf("TIMESTAMP", { physicalType: "INT96" }, [int96])?.min).toBeUndefined();
  });

  it.each([
    [undefined, false],
    ["", false],
    ["DuckDB", false],
    ["parquet-mr", false],
    ["parquet-mr version x (build y)", false],
    ["parquet-mr version 1.7.0 (build y)", false],
    ["parquet-mr version 1.8.0rc1 (build y)", false],
    ["parquet-mr version 1.8.0-SNAPSHOT (build y)", false],
    ["parquet-mr version 1.5.0-cdh5.4.9 (build y)", false],
    ["parquet-mr version 1.5.0-cdh5.5.0 (build y)", true],
    ["parquet-mr version 1.5.0-cdh5.10.1 (build y)", true],
    ["parquet-mr version 1.5.0 (build y)", false],
    ["parquet-mr version 1.8.0 (build y)", true],
    ["parquet-mr version 1.10.1", true],
    ["impala version 1.3.0-INTERNAL (build y)", true],
    ["parquet-cpp version 1.3.2-SNAPSHOT", true],
  ])("trusts the deprecated bounds of byte arrays by the writer %s: %s", (createdBy, trusted) => {
    const equal = deprecated(utf8("a"), utf8("a"));
    expect(metricsOf("STRING", TEXT, [equal], { createdBy })?.min).toBe(trusted ? "a" : undefined);
    expect(metricsOf("STRING", TEXT, [range(utf8("a"), utf8("b"))], { createdBy })?.min).toBe("a");
    expect(metricsOf("INT", INT64, [deprecated(int64Bytes(1n), int64Bytes(2n))], { createdBy })?.min).toBe(
      "1",
    );
  });
});
