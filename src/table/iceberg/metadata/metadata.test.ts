import { describe, expect, it } from "vitest";
import { parseTableMetadata, visitFields } from "./index.ts";

const parse = (json: object | string) =>
  parseTableMetadata(
    typeof json === "string" ? json : JSON.stringify(json),
    "s3://b/t/metadata/1.metadata.json",
  );

const MINIMAL = {
  "format-version": 2,
  "current-schema-id": 3,
  schemas: [
    { "schema-id": 0, fields: [{ id: 1, name: "a", type: "int" }] },
    { "schema-id": 3, fields: [{ id: 1, name: "a", type: "long" }] },
  ],
};

describe("table metadata (04 §4)", () => {
  it("04 T25: snapshot ids beyond 2⁵³ keep every digit", () => {
    const text = JSON.stringify({ ...MINIMAL, snapshots: ["S"] }).replace(
      '"S"',
      '{"snapshot-id":7105637631842704244,"timestamp-ms":5,"manifest-list":"l.avro"}',
    );
    const [snapshot] = parse(text).snapshots;
    expect(snapshot).toMatchObject({
      snapshotId: 7105637631842704244n,
      sequenceNumber: 0n,
      schemaId: undefined,
      manifests: { listedIn: "l.avro" },
    });
  });

  it("reads versions 1 to 4, and refuses later ones", () => {
    expect(parse({ ...MINIMAL, "format-version": 4 }).formatVersion).toBe(4);
    expect(() => parse({ ...MINIMAL, "format-version": 5 })).toThrow("Cannot read unsupported version 5");
  });

  it("04 T30: a v1 table without schemas and specs has its single schema, spec 0 and field ids from 1000", () => {
    const table = parse({
      "format-version": 1,
      schema: { fields: [{ id: 1, name: "a", type: "int" }] },
      "partition-spec": [
        { "source-id": 1, name: "a", transform: "identity" },
        { "source-id": 1, name: "a_bucket", transform: "bucket[4]" },
      ],
      "current-snapshot-id": -1,
      snapshots: [{ "snapshot-id": 8, manifests: ["m.avro"] }],
    });
    expect(table.currentSchema.schemaId).toBe(0);
    expect(table.currentSnapshotId).toBeUndefined();
    expect(table.specs.get(0)?.fields.map((field) => field.fieldId)).toEqual([1000, 1001]);
    expect(table.snapshots[0]).toMatchObject({ sequenceNumber: 0n, manifests: { paths: ["m.avro"] } });
  });

  it("is lenient about fields that are not used", () => {
    const table = parse({
      ...MINIMAL,
      "table-uuid": "trino_test",
      "last-column-id": 0,
      refs: 7,
      statistics: null,
    });
    expect(table.currentSchema.schemaId).toBe(3);
    expect(table.statistics).toEqual([]);
  });

  it.each([
    [
      "no current schema",
      { ...MINIMAL, "current-schema-id": 9 },
      "Cannot find schema with current-schema-id=9",
    ],
    ["no JSON", "{", "metadata file s3://b/t/metadata/1.metadata.json is not valid JSON"],
    ["an array", "[]", "not an object"],
    [
      "a snapshot id that is text",
      { ...MINIMAL, snapshots: [{ "snapshot-id": "1" }] },
      "not a 64-bit integer",
    ],
    [
      "a snapshot id beyond 64 bits",
      `{"format-version":2,"schema":{},"snapshots":[{"snapshot-id":99999999999999999999}]}`,
      "not a 64-bit integer",
    ],
    [
      "an unknown type",
      { "format-version": 1, schema: { fields: [{ id: 1, name: "a", type: "int128" }] } },
      "Cannot parse type string to primitive: int128",
    ],
  ])("refuses %s", (_what, json, reason) => {
    expect(() => parse(json)).toThrow(reason);
  });

  it("refuses a document nested beyond what its reader can follow", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(() => parse(`{"format-version":2,"x":${deep}}`)).toThrow(
      "metadata file s3://b/t/metadata/1.metadata.json is nested too deeply",
    );
  });

  it("refuses a schema nested without end", () => {
    let type: object | string = "int";
    for (let depth = 0; depth < 1000; depth++)
      type = { type: "list", "element-id": depth + 2, element: type };
    expect(() => parse({ "format-version": 1, schema: { fields: [{ id: 1, name: "a", type }] } })).toThrow(
      "nested too deeply",
    );
  });
});

describe("schemas (04 §8.1)", () => {
  it("visits every field in pre-order, with the names and paths of list and map children", () => {
    const { currentSchema } = parse({
      "format-version": 1,
      schema: {
        fields: [
          {
            id: 1,
            name: "user",
            type: { type: "struct", fields: [{ id: 2, name: "name", type: "string" }] },
          },
          {
            id: 3,
            name: "m",
            type: {
              type: "map",
              "key-id": 4,
              key: "string",
              "value-id": 5,
              value: { type: "list", "element-id": 6, element: "decimal(18, 4)" },
            },
          },
          { id: 7, name: "g", type: "geography(srid:4326, spherical)" },
          { id: 8, name: "f", type: "fixed[16]" },
        ],
      },
    });
    const seen = [...visitFields(currentSchema.fields)].map(({ field, path }) => [
      field.id,
      path,
      field.type.kind,
    ]);
    expect(seen).toEqual([
      [1, "user", "struct"],
      [2, "user.name", "string"],
      [3, "m", "map"],
      [4, "m.key", "string"],
      [5, "m.value", "list"],
      [6, "m.value.element", "decimal"],
      [7, "g", "geography"],
      [8, "f", "fixed"],
    ]);
  });
});
