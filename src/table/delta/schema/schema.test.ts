import { describe, expect, it } from "vitest";
import { field, schemaOf } from "../../../../test/support/delta-log.ts";
import type { CapturePolicy, Generation } from "../../../model/index.ts";
import { formatLogicalType } from "../../../types/index.ts";
import { deltaColumns } from "./columns.ts";
import { logicalTypeOf } from "./logical-types.ts";
import { flattenSchema } from "./ordinals.ts";
import { parseDeltaSchema } from "./parse-schema.ts";

const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "first-n",
  maxDefaultColumns: 32,
  properties: {},
};

function columnsOf(
  schemaString: string,
  more: {
    policy?: Partial<CapturePolicy>;
    generation?: Generation;
    configuration?: Record<string, string>;
  } = {},
) {
  return deltaColumns(
    {
      schemaString,
      partitionColumns: [],
      configuration: new Map(Object.entries(more.configuration ?? {})),
    },
    { policy: { ...policy, ...more.policy }, generation: more.generation ?? "chunked" },
  );
}

const struct = (...fields: object[]) => ({ type: "struct", fields });
const arrayOf = (elementType: unknown) => ({ type: "array", elementType, containsNull: true });
const mapOf = (keyType: unknown, valueType: unknown) => ({ type: "map", keyType, valueType });

describe("05 §8.3: ordinals and ids", () => {
  const location = struct(field("lat", "double"), field("lon", "double"));

  it("05 T23 counts nested columns in chunked, and positions within the parent in inline", () => {
    const fields = parseDeltaSchema(
      schemaOf(field("id", "long"), field("location", location), field("name", "string")),
    );
    const flat = flattenSchema(fields);
    expect(flat.map((column) => column.path)).toEqual([
      "id",
      "location",
      "location.lat",
      "location.lon",
      "name",
    ]);
    expect(flat.map((column) => column.ordinalInTable)).toEqual([1, 2, 3, 4, 5]);
    expect(flat.map((column) => column.ordinalInParent)).toEqual([1, 2, 1, 2, 3]);
  });

  it("gives the ids of the contract's example in both generations", () => {
    const schema = schemaOf(
      field("id", "long"),
      field("name", "string"),
      field("location", location),
      field("tag", "string"),
      field("new_col", "string"),
    );
    const ids = (generation: Generation) =>
      new Map(
        columnsOf(schema, { generation }).columns.map((column) => [column.displayName, column.columnId]),
      );
    for (const generation of ["inline", "chunked"] as const) {
      expect(ids(generation).get("id")).toBe(162491776983173634n);
      expect(ids(generation).get("name")).toBe(149149129882598613n);
    }
    expect(ids("inline").get("new_col")).toBe(175945841184415539n);
    expect(ids("inline").get("tag")).not.toBe(ids("chunked").get("tag"));
  });

  it("decision 30: inline takes a column's own position where a nested one has its name", () => {
    const schema = schemaOf(field("lon", "long"), field("b", "long"), field("location", location));
    const [lon] = columnsOf(schema, { generation: "inline" }).columns;
    const [alone] = columnsOf(schemaOf(field("lon", "long")), { generation: "inline" }).columns;
    expect(lon?.columnId).toBe(alone?.columnId);
  });

  it("05 T24 walks arrays of structs and maps with struct values, not map keys or arrays of arrays", () => {
    const point = struct(field("x", "long"), field("y", "long"));
    const schema = schemaOf(
      field("items", arrayOf(point)),
      field("by_name", mapOf(point, point)),
      field("grid", arrayOf(arrayOf(point))),
      field("last", "string"),
    );
    const flat = flattenSchema(parseDeltaSchema(schema));
    expect(flat.map((column) => column.path)).toEqual([
      "items",
      "items[].x",
      "items[].y",
      "by_name",
      "by_name{}.x",
      "by_name{}.y",
      "grid",
      "last",
    ]);
    expect(flat.at(-1)?.ordinalInTable).toBe(flat.length);
  });
});

describe("05 §8.1: included columns", () => {
  const forty = schemaOf(...Array.from({ length: 40 }, (_, i) => field(`c${i}`, "long")));
  const included = (more: Partial<CapturePolicy>) =>
    columnsOf(forty, { policy: more })
      .columns.filter((column) => column.included)
      .map((column) => column.displayName);
  const selectors = (...names: string[]) => ({
    columns: names.map((selector) => ({ selector, captureStats: true, captureIndex: false })),
  });

  it("05 T20 takes the first 32, or exactly the trimmed selectors", () => {
    expect(included({})).toEqual(Array.from({ length: 32 }, (_, i) => `c${i}`));
    expect(included(selectors("c39", " c35 ", "c2"))).toEqual(["c2", "c35", "c39"]);
  });

  it("takes all columns for the scope ALL, and, as the reference does, for EXPLICIT_ONLY without selectors", () => {
    expect(included({ defaultColumnScope: "all" })).toHaveLength(40);
    expect(included({ defaultColumnScope: "explicit-only" })).toHaveLength(40);
  });

  it("takes none where the selectors match nothing, and isn't restricted by index selectors", () => {
    expect(included(selectors("#17", "C1", "meta.a"))).toEqual([]);
    const indexOnly = { columns: [{ selector: "c1", captureStats: false, captureIndex: true }] };
    expect(included(indexOnly)).toHaveLength(32);
  });
});

describe("05 §8.4: logical types", () => {
  const typeText = (type: unknown) => {
    const [parsed] = parseDeltaSchema(schemaOf(field("c", type)));
    if (parsed === undefined) throw new Error("no field");
    return formatLogicalType(logicalTypeOf(parsed.type));
  };

  it.each([
    ["byte", "INT"],
    ["short", "INT"],
    ["integer", "INT"],
    ["long", "INT"],
    ["float", "FLOAT"],
    ["double", "DOUBLE"],
    ["boolean", "BOOLEAN"],
    ["string", "STRING"],
    ["binary", "BINARY"],
    ["date", "DATE"],
    ["timestamp", "TIMESTAMPTZ"],
    ["timestamp_ntz", "TIMESTAMP"],
    ["decimal(10,2)", "DECIMAL(10,2)"],
    ["variant", "VARIANT"],
    [{ type: "variant" }, "VARIANT"],
    [arrayOf("long"), "ARRAY"],
    [mapOf("string", "long"), "MAP"],
    [struct(), "STRUCT"],
  ])("05 T25: %j is %s", (type, text) => {
    expect(typeText(type)).toBe(text);
  });

  it.each([
    [
      "decimal(39,0)",
      "Unsupported DECIMAL precision 39 for Delta declared type 'decimal(39,0)'; max supported precision is 38",
    ],
    ["someunknowntype", "Unrecognized Delta scalar type: 'someunknowntype'"],
    [{ type: "some_unknown_complex" }, "Unrecognized Delta complex type: 'some_unknown_complex'"],
  ])("05 T25: %j is refused", (type, message) => {
    expect(() => typeText(type)).toThrow(`Failed to parse Delta schema JSON: ${message}`);
  });

  it("05 T25 wants a fields array, 05 §4.2 a schema at all", () => {
    expect(() => parseDeltaSchema("{}")).toThrow(
      "Failed to parse Delta schema JSON: Delta schema JSON must contain a 'fields' array",
    );
    expect(() => parseDeltaSchema(" ")).toThrow("Delta snapshot metadata schema JSON is required");
    expect(() => parseDeltaSchema("{")).toThrow(/^Failed to parse Delta schema JSON: /);
  });

  it.each([
    ["void", "Failed to parse the schema. Encountered unsupported Delta data type: VOID"],
    ["uuid", "uuid is not a supported delta data type"],
    [struct(field("x", arrayOf("uuid"))), "uuid is not a supported delta data type"],
    ["geometry(OGC:CRS84)", "Unrecognised Delta type: GeometryType"],
  ])("05 §4.2: a snapshot with a column of type %j is refused", (type, message) => {
    expect(() => columnsOf(schemaOf(field("c", type)))).toThrow(message);
  });
});

describe("decision 29: column mapping", () => {
  const mapped = schemaOf(
    field("logical_id", "long", {
      "delta.columnMapping.id": 7,
      "delta.columnMapping.physicalName": "col-123",
    }),
    field("plain_name", "string"),
  );

  it("finds columns in footers by physical name, or by field id, and names them logically", () => {
    const byName = columnsOf(mapped, { configuration: { "delta.columnMapping.mode": "name" } });
    expect(byName.columns.map((column) => [column.displayName, column.topLevelName])).toEqual([
      ["logical_id", "col-123"],
      ["plain_name", "plain_name"],
    ]);
    expect(byName.footerColumns.map((column) => column.match)).toEqual([
      { by: "name", name: "col-123" },
      { by: "name", name: "plain_name" },
    ]);
    const byId = columnsOf(mapped, { configuration: { "delta.columnMapping.mode": "id" } });
    expect(byId.footerColumns[0]?.match).toEqual({ by: "field-id", fieldId: 7 });
    const unmapped = columnsOf(mapped);
    expect(unmapped.footerColumns[0]?.match).toEqual({ by: "name", name: "logical_id" });
  });

  it("leaves the column ids to the logical name", () => {
    const ids = (configuration: Record<string, string>) =>
      columnsOf(mapped, { configuration }).columns.map((column) => column.columnId);
    expect(ids({ "delta.columnMapping.mode": "name" })).toEqual(ids({}));
  });
});

it("05 §0 fact 2: containers have an entry but are not looked for in footers", () => {
  const { columns, footerColumns } = columnsOf(
    schemaOf(field("a", struct(field("x", "long"))), field("b", "long")),
  );
  expect(columns.map((column) => column.included)).toEqual([true, true]);
  expect(footerColumns.map((column) => column.columnId)).toEqual([columns[1]?.columnId]);
});

describe("06 §2.2: where the data files have a column", () => {
  const mapped = (name: string, type: unknown, id: number) => ({
    name,
    type,
    nullable: true,
    metadata: { "delta.columnMapping.id": id, "delta.columnMapping.physicalName": `col-${id}` },
  });
  const schema = JSON.stringify(
    struct(
      mapped("meta", struct(mapped("a", "long", 2), mapped("list", arrayOf(struct()), 3)), 1),
      mapped("x", "long", 4),
    ),
  );
  const locate = (selector: string, mode: string) =>
    columnsOf(schema, { configuration: { "delta.columnMapping.mode": mode } }).locations.get(selector);

  it("is the physical path under column mapping, also within structs, with the id in mode id", () => {
    expect(locate("x", "none")).toEqual({ path: "x", fieldId: undefined });
    expect(locate("meta.a", "none")).toEqual({ path: "meta.a", fieldId: undefined });
    expect(locate("x", "name")).toEqual({ path: "col-4", fieldId: undefined });
    expect(locate("meta.a", "name")).toEqual({ path: "col-1.col-2", fieldId: undefined });
    expect(locate("meta.a", "id")).toEqual({ path: "col-1.col-2", fieldId: 2 });
  });

  it("is nowhere for a physical name, another case and what is nested in a list", () => {
    for (const selector of ["col-4", "X", "meta.list.element", "#4", ""]) {
      expect(locate(selector, "name")).toBeUndefined();
    }
  });
});
