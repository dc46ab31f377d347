import { TableError } from "../../../model/index.ts";
import { arrayOf, intOf, isJsonObject, type JsonObject, objectOf, optionalInt, stringOf } from "./json.ts";

/** Iceberg's types and schemas as the metadata JSON writes them (04 §4, §8). */
export type IcebergType = IcebergPrimitive | IcebergContainer;

export type IcebergPrimitive =
  | { readonly kind: IcebergPlainKind }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
  | { readonly kind: "fixed"; readonly length: number };

export type IcebergContainer =
  | { readonly kind: "struct"; readonly fields: readonly IcebergField[] }
  | { readonly kind: "list"; readonly element: IcebergField }
  | { readonly kind: "map"; readonly key: IcebergField; readonly value: IcebergField };

const PLAIN_KINDS = [
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "timestamp_ns",
  "timestamptz_ns",
  "string",
  "uuid",
  "binary",
  "variant",
  // Known to the format, but without a mapping to a logical type: they fail the group when the field map is made (04 §8.1).
  "geometry",
  "geography",
  "unknown",
] as const;
type IcebergPlainKind = (typeof PLAIN_KINDS)[number];

export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly type: IcebergType;
}

export interface IcebergSchema {
  readonly schemaId: number;
  readonly fields: readonly IcebergField[];
}

/** Schemas nested deeper than this are refused: walking them recurses. */
const MAX_DEPTH = 200;

export function parseSchema(json: JsonObject): IcebergSchema {
  return {
    schemaId: optionalInt(json["schema-id"], "schema-id") ?? 0,
    fields: parseFields(json.fields, 0),
  };
}

function parseFields(json: unknown, depth: number): IcebergField[] {
  return arrayOf(json, "schema fields").map((field) => {
    const object = objectOf(field, "schema field");
    return {
      id: intOf(object.id, "field id"),
      name: stringOf(object.name, "field name"),
      type: parseType(object.type, depth + 1),
    };
  });
}

function parseType(json: unknown, depth: number): IcebergType {
  if (depth > MAX_DEPTH) throw new TableError("Cannot parse the schema: it is nested too deeply");
  if (typeof json === "string") return parsePrimitive(json);
  if (!isJsonObject(json)) throw new TableError("Cannot parse type from json: neither text nor an object");
  const child = (id: string, type: string, name: string): IcebergField => ({
    id: intOf(json[id], id),
    name,
    type: parseType(json[type], depth + 1),
  });
  switch (json.type) {
    case "struct":
      return { kind: "struct", fields: parseFields(json.fields, depth) };
    case "list":
      return { kind: "list", element: child("element-id", "element", "element") };
    case "map":
      return { kind: "map", key: child("key-id", "key", "key"), value: child("value-id", "value", "value") };
    default:
      throw new TableError(`Cannot parse type from json: ${String(json.type)}`);
  }
}

function parsePrimitive(text: string): IcebergPrimitive {
  const plain = PLAIN_KINDS.find((kind) => kind === text.toLowerCase());
  if (plain !== undefined) return { kind: plain };
  const decimal = /^decimal\(\s*(\d{1,9})\s*,\s*(\d{1,9})\s*\)$/i.exec(text);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const fixed = /^fixed\[\s*(\d{1,9})\s*\]$/i.exec(text);
  if (fixed !== null) return { kind: "fixed", length: Number(fixed[1]) };
  // `geometry(srid:4326)`, `geography(srid:4326, spherical)`
  const parameterised = /^(geometry|geography)\s*\(.*\)$/i.exec(text);
  if (parameterised !== null)
    return { kind: parameterised[1]?.toLowerCase() === "geometry" ? "geometry" : "geography" };
  throw new TableError(`Cannot parse type string to primitive: ${text.slice(0, 100)}`, {
    referenceType: "IllegalArgumentException",
  });
}

/** A field with the path by which a selector names it (04 §10.1). */
export interface VisitedField {
  readonly field: IcebergField;
  readonly path: string;
  /** 0 for a top-level field. */
  readonly depth: number;
}

/** Every field of the schema in pre-order: struct → its fields, list → its element, map → key, then value (04 §8.1). */
export function* visitFields(
  fields: readonly IcebergField[],
  prefix = "",
  depth = 0,
): Iterable<VisitedField> {
  for (const field of fields) {
    const path = prefix === "" ? field.name : `${prefix}.${field.name}`;
    yield { field, path, depth };
    yield* visitFields(childrenOf(field.type), path, depth + 1);
  }
}

export function childrenOf(type: IcebergType): readonly IcebergField[] {
  switch (type.kind) {
    case "struct":
      return type.fields;
    case "list":
      return [type.element];
    case "map":
      return [type.key, type.value];
    default:
      return [];
  }
}
