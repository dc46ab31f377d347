import { TableError } from "../../../model/index.ts";
import { isJavaBlank } from "../../../types/index.ts";
import { shortJson } from "../../short-json.ts";
import { isJsonObject, type JsonObject } from "../log/json.ts";
import type { DeltaField, DeltaType } from "./delta-type.ts";

/** Deeper than any schema in use; bounds the recursion. */
const MAX_DEPTH = 200;
/** Characters of a value in a message. */
const MAX_SHOWN = 500;

/** The fields of `metaData.schemaString` (05 §4.2). Types are not judged here: see `logicalTypeOf`. */
export function parseDeltaSchema(schemaString: string): readonly DeltaField[] {
  if (isJavaBlank(schemaString)) throw new TableError("Delta snapshot metadata schema JSON is required");
  let schema: unknown;
  try {
    schema = JSON.parse(schemaString);
  } catch (error) {
    throw parseFailure(error instanceof Error ? error.message : String(error), error);
  }
  if (!isJsonObject(schema)) throw parseFailure("Delta schema JSON must contain a 'fields' array");
  return fieldsOf(schema, 0);
}

function fieldsOf(struct: JsonObject, depth: number): DeltaField[] {
  const { fields } = struct;
  if (!Array.isArray(fields)) throw parseFailure("Delta schema JSON must contain a 'fields' array");
  return fields.map((field: unknown) => {
    if (!isJsonObject(field) || typeof field.name !== "string") {
      throw parseFailure(`a field without a name: ${shortJson(field, MAX_SHOWN)}`);
    }
    const metadata = isJsonObject(field.metadata) ? field.metadata : {};
    const physicalName = metadata["delta.columnMapping.physicalName"];
    const mappingId = metadata["delta.columnMapping.id"];
    return {
      name: field.name,
      type: typeOf(field.type, depth + 1),
      physicalName: typeof physicalName === "string" ? physicalName : undefined,
      mappingId: typeof mappingId === "number" && Number.isSafeInteger(mappingId) ? mappingId : undefined,
    };
  });
}

function typeOf(type: unknown, depth: number): DeltaType {
  if (depth > MAX_DEPTH) throw parseFailure(`types nested more than ${MAX_DEPTH} deep`);
  if (typeof type === "string")
    return type === "variant" ? { kind: "variant" } : { kind: "scalar", name: type };
  if (!isJsonObject(type) || typeof type.type !== "string") {
    throw parseFailure(`a type must be a name or an object with a type: ${shortJson(type, MAX_SHOWN)}`);
  }
  switch (type.type) {
    case "struct":
      return { kind: "struct", fields: fieldsOf(type, depth) };
    case "array":
      return { kind: "array", element: typeOf(type.elementType, depth + 1) };
    case "map":
      return { kind: "map", key: typeOf(type.keyType, depth + 1), value: typeOf(type.valueType, depth + 1) };
    case "variant":
      return { kind: "variant" };
    default:
      return { kind: "other", name: type.type };
  }
}

export function parseFailure(reason: string, cause?: unknown): TableError {
  return new TableError(`Failed to parse Delta schema JSON: ${reason}`, cause === undefined ? {} : { cause });
}
