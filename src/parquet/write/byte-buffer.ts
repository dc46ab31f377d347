/** A byte array that grows as it is written: what pages and the footer are put together in. Little-endian, like Parquet. */
export interface ByteBuffer {
  bytes: Uint8Array;
  length: number;
}

const utf8 = new TextEncoder();

export function createByteBuffer(initialCapacity: number): ByteBuffer {
  return { bytes: new Uint8Array(initialCapacity), length: 0 };
}

/** What has been written so far, as a view of the buffer's own memory. */
export function writtenBytes(buffer: ByteBuffer): Uint8Array {
  return buffer.bytes.subarray(0, buffer.length);
}

/** Makes room for `count` more bytes. */
export function reserve(buffer: ByteBuffer, count: number): void {
  const needed = buffer.length + count;
  if (needed <= buffer.bytes.length) return;
  const grown = new Uint8Array(Math.max(needed, buffer.bytes.length * 2));
  grown.set(writtenBytes(buffer));
  buffer.bytes = grown;
}

export function putByte(buffer: ByteBuffer, value: number): void {
  reserve(buffer, 1);
  buffer.bytes[buffer.length++] = value;
}

export function putBytes(buffer: ByteBuffer, bytes: Uint8Array): void {
  reserve(buffer, bytes.length);
  buffer.bytes.set(bytes, buffer.length);
  buffer.length += bytes.length;
}

export function putUint32(buffer: ByteBuffer, value: number): void {
  reserve(buffer, 4);
  setUint32(buffer, buffer.length, value);
  buffer.length += 4;
}

/** Overwrites four bytes that were written before: for lengths known only afterwards. */
export function setUint32(buffer: ByteBuffer, offset: number, value: number): void {
  const { bytes } = buffer;
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/** Unsigned LEB128 of an unsigned 32-bit number. */
export function putVarint(buffer: ByteBuffer, value: number): void {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    putByte(buffer, (rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  putByte(buffer, rest);
}

/** A string as PLAIN BYTE_ARRAY holds it: its length in bytes, then its UTF-8 bytes. */
export function putLengthPrefixedText(buffer: ByteBuffer, text: string): void {
  reserve(buffer, 4 + text.length * 3);
  const start = buffer.length + 4;
  const { written } = utf8.encodeInto(text, buffer.bytes.subarray(start));
  setUint32(buffer, buffer.length, written);
  buffer.length = start + written;
}
