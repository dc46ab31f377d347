/**
 * Avro's binary primitives over a byte array: zig-zag varints, lengths, floats. Every length is checked against the bytes
 * that are left before it sizes anything.
 */

/** A position in a run of Avro data. Functions below move `offset` forward. */
export interface AvroCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  offset: number;
}

/** The bytes are not what the schema says; the reader of the file adds its name (`TableError`). */
export class DamagedAvroError extends Error {
  override readonly name = "DamagedAvroError";
}

export function cursorOver(bytes: Uint8Array, offset = 0): AvroCursor {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset };
}

/** A `boolean`: one byte. */
export function readBoolean(cursor: AvroCursor): boolean {
  return cursor.bytes[advance(cursor, 1)] !== 0;
}

/** An `int` or a `long` that must be small: one outside ±2⁵³ is refused. */
export function readInteger(cursor: AvroCursor): number {
  const small = readShort(cursor);
  if (small !== undefined) return small;
  const value = readWideLong(cursor);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new DamagedAvroError(`${value} before offset ${cursor.offset} is out of range`);
  }
  return number;
}

/** An `int` or `long` with all its 64 bits. */
export function readLong(cursor: AvroCursor): bigint {
  const small = readShort(cursor);
  return small === undefined ? readWideLong(cursor) : BigInt(small);
}

/**
 * An integer of up to seven bytes, whose 49 bits a double holds exactly; undefined, with the cursor where it was, for a longer
 * one. Nearly every integer of a manifest is short, and walking its maps is mostly this.
 */
function readShort(cursor: AvroCursor): number | undefined {
  const { bytes } = cursor;
  const start = cursor.offset;
  let value = 0;
  let scale = 1;
  for (let index = 0; index < 7; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw truncated(start);
    if (byte < 0x80) {
      value += byte * scale;
      cursor.offset = start + index + 1;
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    value += (byte & 0x7f) * scale;
    scale *= 128;
  }
  return undefined;
}

function readWideLong(cursor: AvroCursor): bigint {
  const start = cursor.offset;
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = cursor.bytes[start + index];
    if (byte === undefined) throw truncated(start);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) {
      if (value >> 64n !== 0n) break;
      cursor.offset = start + index + 1;
      return (value >> 1n) ^ -(value & 1n);
    }
  }
  throw new DamagedAvroError(`the integer at offset ${start} is longer than 64 bits`);
}

export function skipLong(cursor: AvroCursor): void {
  const start = cursor.offset;
  for (let index = 0; index < 10; index++) {
    const byte = cursor.bytes[start + index];
    if (byte === undefined) throw truncated(start);
    if (byte < 0x80) {
      cursor.offset = start + index + 1;
      return;
    }
  }
  throw new DamagedAvroError(`the integer at offset ${start} is longer than 64 bits`);
}

export function readFloat(cursor: AvroCursor): number {
  return cursor.view.getFloat32(advance(cursor, 4), true);
}

export function readDouble(cursor: AvroCursor): number {
  return cursor.view.getFloat64(advance(cursor, 8), true);
}

/** The length in front of `bytes` or `string`, checked against what is left. */
export function readLength(cursor: AvroCursor): number {
  const start = cursor.offset;
  const length = readInteger(cursor);
  if (length < 0 || length > cursor.bytes.length - cursor.offset) {
    throw new DamagedAvroError(`length ${length} at offset ${start} does not fit the data`);
  }
  return length;
}

/** A view of `length` bytes, not a copy. */
export function readFixed(cursor: AvroCursor, length: number): Uint8Array {
  const start = advance(cursor, length);
  return cursor.bytes.subarray(start, start + length);
}

export function readBytes(cursor: AvroCursor): Uint8Array {
  return readFixed(cursor, readLength(cursor));
}

/** Malformed UTF-8 becomes U+FFFD, as in the reference's reader. */
export function readString(cursor: AvroCursor): string {
  return utf8.decode(readBytes(cursor));
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Moves past `count` bytes and returns where they begin. */
export function advance(cursor: AvroCursor, count: number): number {
  const start = cursor.offset;
  if (count > cursor.bytes.length - start) throw truncated(start);
  cursor.offset = start + count;
  return start;
}

function truncated(offset: number): DamagedAvroError {
  return new DamagedAvroError(`the data ends inside the value at offset ${offset}`);
}
