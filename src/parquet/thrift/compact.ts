/**
 * Reads Thrift's compact protocol, the encoding of Parquet footers and page headers. Input is hostile until proven
 * otherwise: no length or count sizes anything before it is compared with the bytes that are left, nesting is limited, and
 * 64-bit integers that a caller wants as numbers are refused beyond 2⁵³.
 *
 * Structs are read by their fields: `readStruct` calls back for every field, and the callback reads it or skips it.
 */

/** Position in a buffer; `offset` moves as values are read. */
export interface ThriftCursor {
  readonly bytes: Uint8Array;
  offset: number;
}

/** Compact-protocol type codes. */
export const THRIFT = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Deeper nesting than any Parquet structure needs. */
const MAX_DEPTH = 32;

const LOW_BITS = 28;
const TWO_POW_27 = 2 ** 27;

/** Bytes that aren't the structure they should be; `truncated` when more input could still make them so. */
export class ThriftError extends Error {
  override readonly name = "ThriftError";
  readonly truncated: boolean;
  /** Position in the buffer. */
  readonly offset: number;

  constructor(message: string, offset: number, truncated = false) {
    super(message);
    this.offset = offset;
    this.truncated = truncated;
  }
}

export function thriftCursor(bytes: Uint8Array, offset = 0): ThriftCursor {
  return { bytes, offset };
}

/**
 * Reads a struct. `onField` gets the id and the type of every field with the cursor on its value; it reads the value and
 * returns true, or returns false without moving, and the field is skipped.
 */
export function readStruct(cursor: ThriftCursor, onField: (id: number, type: number) => boolean): void {
  let id = 0;
  for (;;) {
    const header = readByte(cursor);
    const type = header & 0x0f;
    if (type === 0) return;
    const delta = header >> 4;
    id = delta === 0 ? readI16(cursor) : id + delta;
    if (!onField(id, type)) skipValue(cursor, type, 0);
  }
}

/** Reads a list's header; the count is no larger than the bytes that are left. */
export function readListHeader(cursor: ThriftCursor, elementType: number): number {
  const at = cursor.offset;
  const header = readByte(cursor);
  const count = header >> 4 === 15 ? readCount(cursor) : header >> 4;
  checkCount(cursor, count, at);
  const found = header & 0x0f;
  if (count > 0 && found !== elementType && !(isBoolean(found) && isBoolean(elementType))) {
    throw new ThriftError(`list of type ${found} where type ${elementType} belongs`, at);
  }
  return count;
}

export function readBoolean(type: number): boolean {
  return type === THRIFT.true;
}

export function isBoolean(type: number): boolean {
  return type === THRIFT.true || type === THRIFT.false;
}

/** A view of the bytes, not a copy. */
export function readBinary(cursor: ThriftCursor): Uint8Array {
  const at = cursor.offset;
  const length = readCount(cursor);
  const left = cursor.bytes.length - cursor.offset;
  if (length > left) {
    throw new ThriftError(`binary of ${length} bytes where ${left} are left`, at, true);
  }
  const start = cursor.offset;
  cursor.offset = start + length;
  return cursor.bytes.subarray(start, cursor.offset);
}

/** UTF-8 with replacement of malformed sequences; a byte order mark is kept. */
export function readString(cursor: ThriftCursor): string {
  const bytes = readBinary(cursor);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

export function readI8(cursor: ThriftCursor): number {
  return (readByte(cursor) << 24) >> 24;
}

export function readI16(cursor: ThriftCursor): number {
  return readIntegerWithin(cursor, 0x7fff, "16-bit");
}

export function readI32(cursor: ThriftCursor): number {
  return readIntegerWithin(cursor, 0x7fffffff, "32-bit");
}

/** A 64-bit integer as a number; refused beyond 2⁵³. */
export function readSafeI64(cursor: ThriftCursor): number {
  const at = cursor.offset;
  const { low, high } = readVarint(cursor);
  const magnitude = high * TWO_POW_27 + (low >>> 1);
  if (magnitude > Number.MAX_SAFE_INTEGER) {
    throw new ThriftError("integer beyond 2^53", at);
  }
  return (low & 1) === 0 ? magnitude : -magnitude - 1;
}

export function readI64(cursor: ThriftCursor): bigint {
  const { low, high } = readVarint(cursor);
  const magnitude = (BigInt(high) << 27n) | BigInt(low >>> 1);
  return (low & 1) === 0 ? magnitude : -magnitude - 1n;
}

/** Throws unless a field has the type that its definition gives it. */
export function expectType(cursor: ThriftCursor, found: number, expected: number, field: string): void {
  if (found === expected || (isBoolean(found) && isBoolean(expected))) return;
  throw new ThriftError(`${field} has thrift type ${found} instead of ${expected}`, cursor.offset);
}

function readIntegerWithin(cursor: ThriftCursor, max: number, width: string): number {
  const at = cursor.offset;
  const value = readSafeI64(cursor);
  if (value > max || value < -max - 1) throw new ThriftError(`integer ${value} is not ${width}`, at);
  return value;
}

function readByte(cursor: ThriftCursor): number {
  const byte = cursor.bytes[cursor.offset];
  if (byte === undefined) throw new ThriftError("unexpected end", cursor.offset, true);
  cursor.offset++;
  return byte;
}

/** An unsigned varint that counts something: at most 2³¹−1. */
function readCount(cursor: ThriftCursor): number {
  const at = cursor.offset;
  const { low, high } = readVarint(cursor);
  const count = high * 2 ** LOW_BITS + low;
  if (count > 0x7fffffff) throw new ThriftError(`count ${count} is out of range`, at);
  return count;
}

/** Up to 64 bits, as the low 28 and the high 36. */
function readVarint(cursor: ThriftCursor): { low: number; high: number } {
  const at = cursor.offset;
  let low = 0;
  for (let shift = 0; shift < LOW_BITS; shift += 7) {
    const byte = readByte(cursor);
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { low, high: 0 };
  }
  let high = 0;
  let scale = 1;
  for (let count = 0; count < 6; count++) {
    const byte = readByte(cursor);
    high += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (high >= 2 ** 36) break;
      return { low, high };
    }
    scale *= 128;
  }
  throw new ThriftError("varint of more than 64 bits", at);
}

function skipValue(cursor: ThriftCursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new ThriftError("nested too deeply", cursor.offset);
  switch (type) {
    case THRIFT.true:
    case THRIFT.false:
      return;
    case THRIFT.byte:
      skipBytes(cursor, 1);
      return;
    case THRIFT.i16:
    case THRIFT.i32:
    case THRIFT.i64:
      readVarint(cursor);
      return;
    case THRIFT.double:
      skipBytes(cursor, 8);
      return;
    case THRIFT.uuid:
      skipBytes(cursor, 16);
      return;
    case THRIFT.binary:
      readBinary(cursor);
      return;
    case THRIFT.list:
    case THRIFT.set:
      skipList(cursor, depth);
      return;
    case THRIFT.map:
      skipMap(cursor, depth);
      return;
    case THRIFT.struct:
      skipStruct(cursor, depth);
      return;
    default:
      throw new ThriftError(`unknown type ${type}`, cursor.offset);
  }
}

function skipList(cursor: ThriftCursor, depth: number): void {
  const at = cursor.offset;
  const header = readByte(cursor);
  const count = header >> 4 === 15 ? readCount(cursor) : header >> 4;
  checkCount(cursor, count, at);
  for (let index = 0; index < count; index++) skipElement(cursor, header & 0x0f, depth);
}

function skipMap(cursor: ThriftCursor, depth: number): void {
  const at = cursor.offset;
  const count = readCount(cursor);
  if (count === 0) return;
  checkCount(cursor, count, at);
  const types = readByte(cursor);
  for (let index = 0; index < count; index++) {
    skipElement(cursor, types >> 4, depth);
    skipElement(cursor, types & 0x0f, depth);
  }
}

function skipStruct(cursor: ThriftCursor, depth: number): void {
  for (;;) {
    const header = readByte(cursor);
    if ((header & 0x0f) === 0) return;
    if (header >> 4 === 0) readI16(cursor);
    skipValue(cursor, header & 0x0f, depth + 1);
  }
}

/** Inside a container a boolean takes a byte; as a field it takes none. */
function skipElement(cursor: ThriftCursor, type: number, depth: number): void {
  if (isBoolean(type)) skipBytes(cursor, 1);
  else skipValue(cursor, type, depth + 1);
}

function skipBytes(cursor: ThriftCursor, length: number): void {
  if (cursor.offset + length > cursor.bytes.length) {
    throw new ThriftError("unexpected end", cursor.offset, true);
  }
  cursor.offset += length;
}

/** Every element takes at least a byte, so a larger count than bytes is a lie (or the input is cut short). */
function checkCount(cursor: ThriftCursor, count: number, at: number): void {
  const left = cursor.bytes.length - cursor.offset;
  if (count > left) throw new ThriftError(`count ${count} where ${left} bytes are left`, at, true);
}
