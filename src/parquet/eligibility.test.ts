import { describe, expect, test } from "vitest";
import { memorySource } from "../../test/support/memory-source.ts";
import { buildParquet, type TestField } from "../../test/support/parquet-builder.ts";
import { indexedType } from "./eligibility.ts";
import { readLogicalType } from "./footer/annotation.ts";
import { readFooter } from "./footer/read-footer.ts";
import type { SchemaLeaf } from "./metadata.ts";
import { thriftCursor } from "./thrift/compact.ts";
import { i32, struct, type ThriftField } from "./write/thrift-writer.ts";

const { signal } = new AbortController();

async function leavesOf(...fields: TestField[]): Promise<readonly SchemaLeaf[]> {
  const { bytes } = buildParquet({ fields, rowGroups: [] });
  return (await readFooter(memorySource(bytes), { signal })).schema.leaves;
}

async function kindOf(field: Omit<TestField, "name">): Promise<string | undefined> {
  const [leaf] = await leavesOf({ name: "c", ...field });
  return leaf && indexedType(leaf);
}

/** A member of the `LogicalType` union without parameters. */
const logical = (id: number): ThriftField => [id, struct()];
const time = (id: 7 | 8, unit: number, utc: boolean): ThriftField => [
  id,
  struct([1, { type: "bool", value: utc }], [2, struct([unit, struct()])]),
];
const integer = (bitWidth: number, signed: boolean): ThriftField => [
  10,
  struct([1, { type: "byte", value: bitWidth }], [2, { type: "bool", value: signed }]),
];

describe("06 §2.3: which columns are indexed, and as what", () => {
  test("numbers and booleans, annotated or not", async () => {
    expect(await kindOf({ type: "BOOLEAN" })).toBe("bool");
    expect(await kindOf({ type: "INT32" })).toBe("i32");
    for (const converted of [6, 7, 11, 12, 13, 15, 16, 17])
      expect(await kindOf({ type: "INT32", converted })).toBe("i32");
    expect(await kindOf({ type: "INT32", logical: logical(11) })).toBe("i32");
    expect(await kindOf({ type: "INT64" })).toBe("i64");
    for (const converted of [8, 9, 10, 14, 18])
      expect(await kindOf({ type: "INT64", converted })).toBe("i64");
    for (const unit of [1, 2, 3]) {
      expect(await kindOf({ type: "INT64", logical: time(7, unit, true) })).toBe("i64");
      expect(await kindOf({ type: "INT64", logical: time(8, unit, false) })).toBe("i64");
    }
    expect(await kindOf({ type: "FLOAT" })).toBe("f32");
    expect(await kindOf({ type: "DOUBLE" })).toBe("f64");
  });

  test("text is a BYTE_ARRAY with the STRING annotation, in either form", async () => {
    expect(await kindOf({ type: "BYTE_ARRAY", converted: 0 })).toBe("utf8");
    expect(await kindOf({ type: "BYTE_ARRAY", logical: logical(1) })).toBe("utf8");
    expect(await kindOf({ type: "INT32", logical: logical(1) })).toBeUndefined();
  });

  test("decimals by precision, not by physical type", async () => {
    const decimal = { converted: 5, scale: 0 };
    expect(await kindOf({ type: "INT32", ...decimal, precision: 9 })).toBe("decimal128");
    expect(await kindOf({ type: "INT64", ...decimal, precision: 18 })).toBe("decimal128");
    expect(await kindOf({ type: "BYTE_ARRAY", ...decimal, precision: 38 })).toBe("decimal128");
    expect(await kindOf({ type: "BYTE_ARRAY", ...decimal, precision: 39 })).toBe("decimal256");
    expect(await kindOf({ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 3, ...decimal, precision: 40 })).toBe(
      "decimal256",
    );
    expect(await kindOf({ type: "DOUBLE", ...decimal, precision: 9 })).toBeUndefined();
    expect(await kindOf({ type: "INT32", logical: [5, struct([1, i32(2)], [2, i32(9)])] })).toBe(
      "decimal128",
    );
  });

  test("06 T3 R9: other byte arrays, fixed arrays and INT96 are not indexed", async () => {
    expect(await kindOf({ type: "BYTE_ARRAY" })).toBeUndefined();
    for (const converted of [4, 19, 20])
      expect(await kindOf({ type: "BYTE_ARRAY", converted })).toBeUndefined();
    for (const id of [4, 12, 13]) {
      expect(await kindOf({ type: "BYTE_ARRAY", logical: logical(id) })).toBeUndefined();
    }
    const fixed = { type: "FIXED_LEN_BYTE_ARRAY", typeLength: 16 } as const;
    expect(await kindOf(fixed)).toBeUndefined();
    expect(await kindOf({ ...fixed, logical: logical(14) })).toBeUndefined();
    expect(await kindOf({ ...fixed, typeLength: 2, logical: logical(15) })).toBeUndefined();
    expect(await kindOf({ ...fixed, typeLength: 12, converted: 21 })).toBeUndefined();
    expect(await kindOf({ ...fixed, converted: 0 })).toBeUndefined();
    expect(await kindOf({ type: "INT96" })).toBeUndefined();
    // A logical type of the future doesn't make a byte array text.
    const [bytes] = await leavesOf({ name: "c", type: "BYTE_ARRAY" });
    for (const kind of ["GEOMETRY", "GEOGRAPHY", "VARIANT"] as const) {
      expect(bytes && indexedType({ ...bytes, annotation: { kind } })).toBeUndefined();
    }
    expect(
      bytes && indexedType({ ...bytes, annotation: { kind: "OTHER", name: "logical type 25" } }),
    ).toBeUndefined();
  });

  test("nothing below a repeated field is indexed, leaves of structs are", async () => {
    const leaves = await leavesOf(
      {
        name: "list",
        repetition: "OPTIONAL",
        children: [{ name: "element", repetition: "REPEATED", children: [{ name: "x", type: "INT32" }] }],
      },
      { name: "repeated", type: "INT32", repetition: "REPEATED" },
      { name: "s", repetition: "OPTIONAL", children: [{ name: "x", type: "INT32" }] },
    );
    expect(leaves.map((leaf) => [leaf.name, indexedType(leaf)])).toEqual([
      ["list.element.x", undefined],
      ["repeated", undefined],
      ["s.x", "i32"],
    ]);
  });
});

describe("06 §2.3: annotations", () => {
  async function annotationOf(field: Omit<TestField, "name">) {
    const [leaf] = await leavesOf({ name: "c", ...field });
    return leaf?.annotation;
  }

  test("converted types speak of UTC", async () => {
    expect(await annotationOf({ type: "INT64", converted: 9 })).toEqual({
      kind: "TIMESTAMP",
      unit: "MILLIS",
      adjustedToUtc: true,
    });
    expect(await annotationOf({ type: "INT64", converted: 8 })).toEqual({
      kind: "TIME",
      unit: "MICROS",
      adjustedToUtc: true,
    });
  });

  test("a logical type says more than the converted type that agrees with it", async () => {
    expect(await annotationOf({ type: "INT64", converted: 10, logical: time(8, 2, false) })).toEqual({
      kind: "TIMESTAMP",
      unit: "MICROS",
      adjustedToUtc: false,
    });
  });

  test("the converted type wins where the two disagree", async () => {
    expect(await annotationOf({ type: "INT64", converted: 10, logical: time(8, 3, false) })).toEqual({
      kind: "TIMESTAMP",
      unit: "MICROS",
      adjustedToUtc: true,
    });
    expect(await annotationOf({ type: "BYTE_ARRAY", converted: 0, logical: logical(12) })).toEqual({
      kind: "STRING",
    });
    expect(await annotationOf({ type: "INT32", converted: 13, logical: integer(32, true) })).toEqual({
      kind: "INTEGER",
      bitWidth: 32,
      signed: false,
    });
    expect(
      await annotationOf({
        type: "INT32",
        converted: 5,
        precision: 7,
        scale: 1,
        logical: [5, struct([1, i32(2)], [2, i32(9)])],
      }),
    ).toEqual({ kind: "DECIMAL", precision: 7, scale: 1 });
  });

  test("integer widths and signs", async () => {
    expect(await annotationOf({ type: "INT32", converted: 15 })).toEqual({
      kind: "INTEGER",
      bitWidth: 8,
      signed: true,
    });
    expect(await annotationOf({ type: "INT64", converted: 14 })).toEqual({
      kind: "INTEGER",
      bitWidth: 64,
      signed: false,
    });
    expect(await annotationOf({ type: "INT32", logical: integer(16, false) })).toEqual({
      kind: "INTEGER",
      bitWidth: 16,
      signed: false,
    });
  });

  test("an unknown logical type keeps its number, an unknown converted type says nothing", async () => {
    // Field 25 in the long form of its header, holding an empty struct.
    const union = Uint8Array.of(0x0c, 50, 0, 0);
    expect(readLogicalType(thriftCursor(union))).toEqual({ kind: "OTHER", name: "logical type 25" });
    expect(readLogicalType(thriftCursor(Uint8Array.of(0x0c, 34, 0, 0)))).toEqual({ kind: "GEOMETRY" });
    expect(await annotationOf({ type: "INT32", converted: 99 })).toBeUndefined();
  });
});
