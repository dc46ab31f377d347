import { type ByteBuffer, putByte, putVarint, reserve } from "./byte-buffer.ts";

/** A run shorter than this costs more on its own than inside a bit-packed group. */
const MIN_RUN = 8;

/**
 * Parquet's RLE / bit-packed hybrid of `values[from..to)`, without a length prefix: definition levels and dictionary ids.
 * Values stand in groups of eight; a run that fills at least one group is written as a run, the rest bit by bit.
 */
export function putHybrid(
  buffer: ByteBuffer,
  values: Uint8Array | Int32Array,
  from: number,
  to: number,
  bitWidth: number,
): void {
  let literalStart = from;
  let at = from;
  while (at < to) {
    const runEnd = endOfRun(values, at, to);
    const missing = (MIN_RUN - ((at - literalStart) % MIN_RUN)) % MIN_RUN;
    const runLength = runEnd - at - missing;
    if (runLength >= MIN_RUN || (runEnd === to && runLength > 0)) {
      putLiterals(buffer, values, literalStart, at + missing, bitWidth);
      putRun(buffer, values[at] ?? 0, runLength, bitWidth);
      literalStart = runEnd;
    }
    at = runEnd;
  }
  putLiterals(buffer, values, literalStart, to, bitWidth);
}

/** Bits needed for ids below `count`; 0 if there is only one. */
export function bitWidthOfCount(count: number): number {
  return 32 - Math.clz32(Math.max(count - 1, 0));
}

function endOfRun(values: Uint8Array | Int32Array, from: number, to: number): number {
  const value = values[from];
  let end = from + 1;
  while (end < to && values[end] === value) end++;
  return end;
}

function putRun(buffer: ByteBuffer, value: number, length: number, bitWidth: number): void {
  putVarint(buffer, length << 1);
  for (let shift = 0; shift < bitWidth; shift += 8) putByte(buffer, (value >>> shift) & 0xff);
}

/** Bit-packed, least significant bit first; the last group is filled up with zeros. */
function putLiterals(
  buffer: ByteBuffer,
  values: Uint8Array | Int32Array,
  from: number,
  to: number,
  bitWidth: number,
): void {
  if (from === to) return;
  const groupCount = Math.ceil((to - from) / 8);
  putVarint(buffer, (groupCount << 1) | 1);
  const byteCount = groupCount * bitWidth;
  reserve(buffer, byteCount);
  const { bytes } = buffer;
  const end = buffer.length + byteCount;
  let position = buffer.length;
  let pending = 0;
  let pendingBits = 0;
  for (let i = from; i < to; i++) {
    pending |= (values[i] ?? 0) << pendingBits;
    pendingBits += bitWidth;
    while (pendingBits >= 8) {
      bytes[position++] = pending & 0xff;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }
  if (pendingBits > 0) bytes[position++] = pending;
  bytes.fill(0, position, end);
  buffer.length = end;
}
