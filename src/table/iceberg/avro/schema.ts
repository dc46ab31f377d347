import { shortJson } from "../../short-json.ts";
import { DamagedAvroError } from "./cursor.ts";

/**
 * The writer's schema of an Avro file, with the `field-id` attributes by which Iceberg matches fields (04 §5). Only what
 * decoding needs is kept; a file without any ids has its fields matched by the names given.
 */
export type AvroType =
  | {
      readonly kind: "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";
      readonly logical?: AvroLogical;
    }
  | { readonly kind: "fixed"; readonly size: number; readonly logical?: AvroLogical }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | AvroRecord
  | { readonly kind: "array"; readonly items: AvroType }
  | { readonly kind: "map"; readonly values: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] };

export interface AvroRecord {
  readonly kind: "record";
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  /** Undefined if the file gives none and the name is not one of those asked for. */
  readonly id: number | undefined;
  readonly type: AvroType;
}

/** The `logicalType` attribute, with what a decimal says of itself. */
export interface AvroLogical {
  readonly name: string;
  readonly scale: number;
}

/** Schemas nested deeper than this are refused: no table needs it, and the reader recurses. */
const MAX_DEPTH = 100;
/** Types that a value is made of, a named one counted wherever it is used: a few names that use each other twice make billions. */
const MAX_EXPANDED_TYPES = 100_000;

/** Reads `avro.schema`. `idsByName` gives the ids of fields in files that carry none. */
export function parseAvroSchema(text: string, idsByName: ReadonlyMap<string, number>): AvroType {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DamagedAvroError("the file's schema is not JSON", { cause });
  }
  const byName = text.includes('"field-id"') ? new Map<string, number>() : idsByName;
  return parseType(json, { named: new Map(), sizes: new Map(), idsByName: byName, namespace: "", depth: 0 });
}

interface SchemaContext {
  readonly named: Map<string, AvroType>;
  /** Expanded types of each type so far. */
  readonly sizes: Map<AvroType, number>;
  readonly idsByName: ReadonlyMap<string, number>;
  readonly namespace: string;
  readonly depth: number;
}

function parseType(json: unknown, outer: SchemaContext): AvroType {
  if (outer.depth > MAX_DEPTH) throw new DamagedAvroError("the file's schema is nested too deeply");
  const type = parseOneType(json, { ...outer, depth: outer.depth + 1 });
  const size =
    outer.sizes.get(type) ?? childrenOf(type).reduce((sum, child) => sum + (outer.sizes.get(child) ?? 1), 1);
  if (size > MAX_EXPANDED_TYPES) throw new DamagedAvroError("the file's schema is too large");
  outer.sizes.set(type, size);
  return type;
}

function childrenOf(type: AvroType): readonly AvroType[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "union":
      return type.branches;
    case "array":
      return [type.items];
    case "map":
      return [type.values];
    default:
      return [];
  }
}

function parseOneType(json: unknown, context: SchemaContext): AvroType {
  if (typeof json === "string") return primitive(json) ?? namedType(json, context);
  if (Array.isArray(json)) {
    return { kind: "union", branches: json.map((branch: unknown) => parseType(branch, context)) };
  }
  if (!isObject(json)) throw unreadable(json);
  const { type } = json;
  switch (type) {
    case "record":
      return parseRecord(json, context);
    case "array":
      return { kind: "array", items: parseType(json.items, context) };
    case "map":
      return { kind: "map", values: parseType(json.values, context) };
    case "fixed": {
      const size = json.size;
      if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw unreadable(json);
      return define(json, context, { kind: "fixed", size, ...logicalOf(json) });
    }
    case "enum": {
      const symbols = Array.isArray(json.symbols) ? json.symbols.map(String) : [];
      return define(json, context, { kind: "enum", symbols });
    }
    default: {
      const inner = typeof type === "string" ? primitive(type) : undefined;
      return inner === undefined ? parseType(type, context) : { ...inner, ...logicalOf(json) };
    }
  }
}

function parseRecord(json: Readonly<Record<string, unknown>>, context: SchemaContext): AvroType {
  const fieldList = json.fields;
  if (!Array.isArray(fieldList)) throw unreadable(json);
  const inside = { ...context, namespace: namespaceOf(json, context) };
  const fields = fieldList.map((field: unknown): AvroField => {
    if (!isObject(field) || typeof field.name !== "string") throw unreadable(field);
    const name = field.name;
    const id = field["field-id"];
    return {
      name,
      id: typeof id === "number" ? id : context.idsByName.get(name),
      type: parseType(field.type, inside),
    };
  });
  // Defined after its fields: a record that contains itself is an unknown name, so decoding always ends.
  return define(json, context, { kind: "record", fields });
}

function define<T extends AvroType>(
  json: Readonly<Record<string, unknown>>,
  context: SchemaContext,
  type: T,
): T {
  const { name } = json;
  if (typeof name === "string") context.named.set(fullName(name, namespaceOf(json, context)), type);
  return type;
}

function namedType(name: string, context: SchemaContext): AvroType {
  const type = context.named.get(fullName(name, context.namespace)) ?? context.named.get(name);
  if (type === undefined) throw new DamagedAvroError(`the file's schema uses the unknown type ${name}`);
  return type;
}

function namespaceOf(json: Readonly<Record<string, unknown>>, context: SchemaContext): string {
  const { namespace, name } = json;
  if (typeof name === "string" && name.includes(".")) return name.slice(0, name.lastIndexOf("."));
  return typeof namespace === "string" ? namespace : context.namespace;
}

function fullName(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

function primitive(name: string): AvroType | undefined {
  switch (name) {
    case "null":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "bytes":
    case "string":
      return { kind: name };
    default:
      return undefined;
  }
}

function logicalOf(json: Readonly<Record<string, unknown>>): { logical?: AvroLogical } {
  const { logicalType, scale } = json;
  if (typeof logicalType !== "string") return {};
  return { logical: { name: logicalType, scale: typeof scale === "number" ? scale : 0 } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(json: unknown): DamagedAvroError {
  return new DamagedAvroError(`the file's schema has an unreadable part: ${shortJson(json, 100)}`);
}
