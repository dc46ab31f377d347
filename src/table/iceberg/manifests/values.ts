import { type AvroFields, type AvroValue, DamagedAvroError } from "../avro/index.ts";

/** Narrowing of decoded Avro values to what a field of a manifest must be. Null and absent read alike. */

export function fieldsOf(value: AvroValue | undefined, what: string): AvroFields {
  if (isObject(value) && "fields" in value) return value;
  throw wrongType(what, "a record");
}

export function stringOf(value: AvroValue | undefined, what: string): string {
  if (typeof value === "string") return value;
  throw wrongType(what, "text");
}

export function longOf(value: AvroValue | undefined, what: string): bigint {
  const long = optionalLong(value, what);
  if (long === undefined) throw wrongType(what, "an integer");
  return long;
}

export function optionalLong(value: AvroValue | undefined, what: string): bigint | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw wrongType(what, "an integer");
}

export function optionalInt(value: AvroValue | undefined, what: string): number | undefined {
  const long = optionalLong(value, what);
  if (long === undefined) return undefined;
  if (BigInt.asIntN(32, long) !== long) throw wrongType(what, "a 32-bit integer");
  return Number(long);
}

export function optionalIntList(value: AvroValue | undefined, what: string): number[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrongType(what, "a list");
  return value.map((item: AvroValue) => optionalInt(item, what) ?? 0);
}

function isObject(value: AvroValue | undefined): value is Extract<AvroValue, object> {
  return typeof value === "object" && value !== null;
}

function wrongType(what: string, expected: string): DamagedAvroError {
  return new DamagedAvroError(`${what} is not ${expected}`);
}
