import { TableError } from "../../../model/index.ts";

/**
 * JSON with 64-bit integers (04 §0 fact 8: snapshot ids exceed 2⁵³), and the narrowing by which metadata is read from it.
 * Fields that are not used are never looked at: real tables carry a `table-uuid` that is none (04 §4).
 */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Integers beyond ±2⁵³ come as `bigint`, all other numbers as numbers. `what` names the document in the error. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) => {
      if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
      const source = context?.source;
      return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
    });
  } catch (cause) {
    // The reviver goes as deep as the document does: no table needs thousands of levels.
    if (cause instanceof RangeError) throw new TableError(`${what} is nested too deeply`);
    throw new TableError(`${what} is not valid JSON`, { cause });
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) throw new TableError(`Cannot parse ${what}: not an object: ${show(value)}`);
  return value;
}

/** The elements of an array; an absent or null one is empty. */
export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TableError(`Cannot parse ${what}: not an array: ${show(value)}`);
  return value;
}

export function stringOf(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TableError(`Cannot parse ${what}: not a string: ${show(value)}`);
  return value;
}

export function optionalString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function intOf(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new TableError(`Cannot parse ${what}: not an integer: ${show(value)}`);
  }
  return value;
}

export function optionalInt(value: unknown, what: string): number | undefined {
  return value === undefined || value === null ? undefined : intOf(value, what);
}

export function longOf(value: unknown, what: string): bigint {
  const long =
    typeof value === "bigint"
      ? value
      : typeof value === "number" && Number.isInteger(value)
        ? BigInt(value)
        : undefined;
  if (long === undefined || BigInt.asIntN(64, long) !== long) {
    throw new TableError(`Cannot parse ${what}: not a 64-bit integer: ${show(value)}`);
  }
  return long;
}

/** String values only; others are left out. */
export function stringMap(value: unknown): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  if (!isJsonObject(value)) return entries;
  for (const [key, text] of Object.entries(value)) if (typeof text === "string") entries.set(key, text);
  return entries;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return (JSON.stringify(value) ?? "absent").slice(0, 100);
}
