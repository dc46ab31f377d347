import { TableError } from "../../../model/index.ts";
import { shortJson } from "../../short-json.ts";

/** Characters of a value in a message. */
const MAX_SHOWN = 500;

export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads fields of a JSON object; `what` names it in messages. */
export function optionalString(object: JsonObject, key: string, what: string): string | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(what, key, "a string", value);
  return value;
}

export function optionalInteger(object: JsonObject, key: string, what: string): number | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw wrongType(what, key, "a whole number below 2^53", value);
  }
  return value;
}

export function optionalObject(object: JsonObject, key: string, what: string): JsonObject | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw wrongType(what, key, "an object", value);
  return value;
}

export function optionalStrings(
  object: JsonObject,
  key: string,
  what: string,
): readonly string[] | undefined {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw wrongType(what, key, "an array of strings", value);
  }
  return value;
}

/** The reference's words for a required field that isn't there (05 §4.4). */
export function missingField(object: JsonObject, key: string, where: string): TableError {
  return new TableError(
    `${where}: Root node at key ${key} is null but field isn't nullable. Root node: ${shortJson(object, MAX_SHOWN)}`,
  );
}

function wrongType(what: string, key: string, expected: string, value: unknown): TableError {
  return new TableError(`${what}: \`${key}\` must be ${expected}, found ${shortJson(value, MAX_SHOWN)}`);
}
