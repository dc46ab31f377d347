import {
  type AvroCursor,
  advance,
  cursorOver,
  DamagedAvroError,
  readBoolean,
  readBytes,
  readDouble,
  readFixed,
  readFloat,
  readInteger,
  readLength,
  readLong,
  readString,
  skipLong,
} from "./cursor.ts";
import type { AvroField, AvroRecord, AvroType } from "./schema.ts";

/** A decoded value. Records are maps from field id; bytes are views of the block, not copies. */
export type AvroValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly AvroValue[]
  | AvroRange
  | AvroFields
  | ReadonlyMap<string, AvroValue>;

/** Values of a record's fields by field id. A field that the file lacks is absent. */
export interface AvroFields {
  readonly fields: ReadonlyMap<number, AvroValue>;
}

/** Where an undecoded value lies: metrics of a file nobody asked for are never decoded. */
export interface AvroRange {
  readonly range: AvroType;
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** Which fields of a record to take, by field id: the value, the range of an undecoded value, or a nested selection. */
export type Wanted = ReadonlyMap<number, WantedField>;
export type WantedField = "value" | "range" | { readonly wanted: Wanted };

/** Reads the wanted fields of a record and moves past the others. */
export function readFields(cursor: AvroCursor, record: AvroRecord, wanted: Wanted): AvroFields {
  const fields = new Map<number, AvroValue>();
  for (const { id, type } of record.fields) {
    const how = id === undefined ? undefined : wanted.get(id);
    if (id === undefined || how === undefined) {
      skipValue(cursor, type);
    } else if (how === "value") {
      fields.set(id, readValue(cursor, type));
    } else if (how === "range") {
      fields.set(id, { range: type, bytes: cursor.bytes, start: cursor.offset });
      skipValue(cursor, type);
    } else {
      const inner = branchOf(cursor, type);
      if (inner.kind !== "record") throw new DamagedAvroError(`field ${id} is not a record`);
      fields.set(id, readFields(cursor, inner, how.wanted));
    }
  }
  return { fields };
}

export function readValue(cursor: AvroCursor, type: AvroType): AvroValue {
  switch (type.kind) {
    case "null":
      return null;
    case "boolean":
      return readBoolean(cursor);
    case "int":
      return readInteger(cursor);
    case "long":
      return readLong(cursor);
    case "float":
      return readFloat(cursor);
    case "double":
      return readDouble(cursor);
    case "bytes":
      return readBytes(cursor);
    case "string":
      return readString(cursor);
    case "fixed":
      return readFixed(cursor, type.size);
    case "enum":
      return type.symbols[readInteger(cursor)] ?? null;
    case "union":
      return readValue(cursor, branchOf(cursor, type));
    case "array": {
      const items: AvroValue[] = [];
      eachItem(cursor, () => items.push(readValue(cursor, type.items)));
      return items;
    }
    case "map": {
      const entries = new Map<string, AvroValue>();
      eachItem(cursor, () => entries.set(readString(cursor), readValue(cursor, type.values)));
      return entries;
    }
    case "record": {
      const fields = new Map<number, AvroValue>();
      for (const field of type.fields) {
        const value = readValue(cursor, field.type);
        if (field.id !== undefined) fields.set(field.id, value);
      }
      return { fields };
    }
  }
}

export function skipValue(cursor: AvroCursor, type: AvroType): void {
  switch (type.kind) {
    case "null":
      return;
    case "boolean":
      advance(cursor, 1);
      return;
    case "int":
    case "long":
    case "enum":
      skipLong(cursor);
      return;
    case "float":
      advance(cursor, 4);
      return;
    case "double":
      advance(cursor, 8);
      return;
    case "bytes":
    case "string":
      advance(cursor, readLength(cursor));
      return;
    case "fixed":
      advance(cursor, type.size);
      return;
    case "union":
      skipValue(cursor, branchOf(cursor, type));
      return;
    case "array":
      skipItems(cursor, () => skipValue(cursor, type.items));
      return;
    case "map":
      skipItems(cursor, () => {
        advance(cursor, readLength(cursor));
        skipValue(cursor, type.values);
      });
      return;
    case "record":
      for (const field of type.fields) skipValue(cursor, field.type);
      return;
  }
}

/**
 * The entries of a map with integer keys, which Iceberg stores as an array of `{key, value}` records (04 §5). `take` is
 * called with the cursor before the value and must read it.
 */
export function eachIntKeyed(
  range: AvroRange,
  take: (key: number, cursor: AvroCursor, type: AvroType) => void,
): void {
  const cursor = cursorOver(range.bytes, range.start);
  const type = branchOf(cursor, range.range);
  if (type.kind === "null") return;
  const [key, value, ...rest] =
    type.kind === "array" && type.items.kind === "record" ? type.items.fields : [];
  if (key?.name !== "key" || value?.name !== "value" || rest.length > 0) {
    throw new DamagedAvroError("a map with integer keys is not an array of {key, value}");
  }
  eachItem(cursor, () => {
    const entryKey = readValue(cursor, key.type);
    take(
      typeof entryKey === "bigint" ? Number(entryKey) : typeof entryKey === "number" ? entryKey : 0,
      cursor,
      value.type,
    );
  });
}

/** The fields of an undecoded record with their values; none if the value is null. */
export function eachField(
  range: AvroRange,
  take: (field: AvroField, type: AvroType, value: AvroValue) => void,
): void {
  const cursor = cursorOver(range.bytes, range.start);
  const record = branchOf(cursor, range.range);
  if (record.kind !== "record") return;
  for (const field of record.fields) {
    const type = branchOf(cursor, field.type);
    take(field, type, readValue(cursor, type));
  }
}

/** The type that a union value has; other types are themselves. */
export function branchOf(cursor: AvroCursor, type: AvroType): AvroType {
  let inner = type;
  while (inner.kind === "union") {
    const index = readInteger(cursor);
    const branch = inner.branches[index];
    if (branch === undefined) {
      throw new DamagedAvroError(`union branch ${index} before offset ${cursor.offset} does not exist`);
    }
    inner = branch;
  }
  return inner;
}

function eachItem(cursor: AvroCursor, read: () => void): void {
  for (let block = itemBlock(cursor); block.count > 0; block = itemBlock(cursor)) {
    for (let index = 0; index < block.count; index++) read();
    // Whoever passes over the block goes by its size: both must end at the same place.
    if (block.end !== undefined && cursor.offset !== block.end) {
      throw new DamagedAvroError(`the items before offset ${cursor.offset} do not have the size announced`);
    }
  }
}

function skipItems(cursor: AvroCursor, skip: () => void): void {
  for (let block = itemBlock(cursor); block.count > 0; block = itemBlock(cursor)) {
    if (block.end !== undefined) cursor.offset = block.end;
    else for (let index = 0; index < block.count; index++) skip();
  }
}

/** How many items the next block of an array or map has, 0 at its end, and where it ends if it says so. */
function itemBlock(cursor: AvroCursor): { readonly count: number; readonly end: number | undefined } {
  const start = cursor.offset;
  let count = readInteger(cursor);
  let end: number | undefined;
  if (count < 0) {
    count = -count;
    const size = readLength(cursor);
    end = cursor.offset + size;
  }
  // An item takes at least one byte in every schema that Iceberg writes; without this a few bytes could ask for 2⁶³ items.
  if (count > cursor.bytes.length - cursor.offset) {
    throw new DamagedAvroError(`${count} items at offset ${start} do not fit the data`);
  }
  return { count, end };
}
