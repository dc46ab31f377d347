import { describe, expect, it } from "vitest";
import { type AvroJson, avroFile, avroValue } from "../../../test/support/avro-builder.ts";
import { openAvro } from "./avro/index.ts";
import type { IcebergType, PartitionField } from "./metadata/index.ts";
import { partitionDataJson } from "./partition.ts";

/** A spec of one field, its stored value, and the JSON of that value alone. */
function json(avroType: AvroJson, value: unknown, source: IcebergType, transform = "identity"): string {
  const text = tupleJson(
    [{ sourceId: 1, fieldId: 1000, name: "p", transform }],
    [{ name: "p", type: avroType, "field-id": 1000 }],
    { p: value },
    () => source,
  );
  return text.slice('{"partitionValues":[{"id":1,"value":'.length, -"}]}".length);
}

function tupleJson(
  fields: readonly PartitionField[],
  avroFields: readonly object[],
  values: object,
  typeOf: (id: number) => IcebergType | undefined = () => undefined,
): string {
  const schema = { type: "record", name: "r102", fields: avroFields };
  const { schema: range } = openAvro(avroFile(schema, []), "m.avro", new Map());
  return partitionDataJson(
    { specId: 1, fields },
    { range, bytes: avroValue(schema, values), start: 0 },
    typeOf,
  );
}

describe("partition JSON (04 §14, decision 35)", () => {
  it("04 T59: source column ids, in spec order", () => {
    const fields = [
      { sourceId: 4, fieldId: 1000, name: "a", transform: "identity" },
      { sourceId: 2, fieldId: 1001, name: "b_bucket", transform: "bucket[16]" },
      { sourceId: 5, fieldId: 1002, name: "ts_day", transform: "day" },
    ];
    const avro = [
      { name: "ts_day", type: ["null", { type: "int", logicalType: "date" }], "field-id": 1002 },
      { name: "a", type: ["null", "int"], "field-id": 1000 },
      { name: "b_bucket", type: ["null", "int"], "field-id": 1001 },
    ];
    expect(tupleJson(fields, avro, { a: 7, b_bucket: 3, ts_day: 20089 })).toBe(
      '{"partitionValues":[{"id":4,"value":7},{"id":2,"value":3},{"id":5,"value":20089}]}',
    );
  });

  it("an unpartitioned spec has no values, a value that the tuple lacks is null", () => {
    expect(tupleJson([], [], {})).toBe('{"partitionValues":[]}');
    const field = { sourceId: 4, fieldId: 1000, name: "a", transform: "identity" };
    expect(tupleJson([field], [{ name: "z", type: "int", "field-id": 1009 }], { z: 1 })).toBe(
      '{"partitionValues":[{"id":4,"value":null}]}',
    );
    expect(partitionDataJson({ specId: 0, fields: [field] }, undefined, () => undefined)).toBe(
      '{"partitionValues":[{"id":4,"value":null}]}',
    );
  });

  it("a tuple without field ids is matched by name, else by place", () => {
    const field = { sourceId: 4, fieldId: 1000, name: "a", transform: "identity" };
    const avro = [
      { name: "x", type: "int" },
      { name: "a", type: "int" },
    ];
    expect(tupleJson([field], avro, { x: 1, a: 2 })).toContain('"value":2');
    expect(tupleJson([{ ...field, name: "other" }], avro, { x: 1, a: 2 })).toContain('"value":1');
  });

  it.each<[string, AvroJson, unknown, IcebergType, string]>([
    ["null", ["null", "string"], null, { kind: "string" }, "null"],
    ["quotes and backslashes", "string", 'a"b\\', { kind: "string" }, '"a\\"b\\\\"'],
    ["a tab", "string", "\t", { kind: "string" }, '"\\t"'],
    ["another control character", "string", "\u001f", { kind: "string" }, '"\\u001F"'],
    ["non-ASCII and a slash, raw", "string", "é/", { kind: "string" }, '"é/"'],
    ["a long", "long", 9223372036854775807n, { kind: "long" }, "9223372036854775807"],
    [
      "a decimal with its scale",
      "bytes",
      Buffer.from("04e2", "hex"),
      { kind: "decimal", precision: 4, scale: 2 },
      "12.50",
    ],
    [
      "a decimal zero of scale 8",
      "bytes",
      Buffer.from("00", "hex"),
      { kind: "decimal", precision: 9, scale: 8 },
      "0E-8",
    ],
    ["bytes", "bytes", Buffer.from("ff00", "hex"), { kind: "binary" }, '"/wA="'],
    ["true", "boolean", true, { kind: "boolean" }, "true"],
  ])("04 T60: %s", (_what, avroType, value, source, expected) => {
    expect(json(avroType, value, source)).toBe(expected);
  });

  it("floats and doubles print as Java prints them, specials quoted", () => {
    expect(json("float", 1.5, { kind: "float" })).toBe("1.5");
    expect(json("double", 1e10, { kind: "double" })).toBe("1.0E10");
    expect(json("double", Number.NaN, { kind: "double" })).toBe('"NaN"');
    expect(json("double", Number.NEGATIVE_INFINITY, { kind: "double" })).toBe('"-Infinity"');
    expect(json("float", Math.fround(0.1), { kind: "double" })).toBe("0.10000000149011612");
  });

  it("uuids and decimals of columns that the schema lost are told by their Avro annotation", () => {
    const uuid = { type: "fixed", name: "u", size: 16, logicalType: "uuid" };
    const bytes = Buffer.from("00112233445566778899aabbccddeeff", "hex");
    expect(json(uuid, bytes, { kind: "binary" }, "identity")).toBe('"00112233-4455-6677-8899-aabbccddeeff"');
    const decimal = { type: "fixed", name: "d", size: 2, logicalType: "decimal", precision: 4, scale: 2 };
    expect(json(decimal, Buffer.from("fb1e", "hex"), { kind: "binary" })).toBe("-12.50");
  });

  it("what can't be written makes the whole text blank", () => {
    expect(json({ type: "array", items: "int" }, [1], { kind: "int" })).toBe("");
  });
});
