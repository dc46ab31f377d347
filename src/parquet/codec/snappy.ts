import { DecodeError } from "../decode-error.ts";

/** Raw snappy (no framing), as Parquet pages use it. The length in its preamble must be the one that the page announces. */

/** The densest element, a 3-byte copy, makes 64 bytes. */
const MAX_RATIO = 22;

export function snappyDecompress(input: Uint8Array, outputLength: number): Uint8Array {
  const preamble = readPreamble(input);
  if (preamble.length !== outputLength) {
    throw new DecodeError(
      `snappy data announces ${preamble.length} bytes, the page header ${outputLength} bytes`,
    );
  }
  if (outputLength > input.length * MAX_RATIO) {
    throw new DecodeError(`snappy data of ${input.length} bytes can't hold ${outputLength} bytes`);
  }
  const output = new Uint8Array(outputLength);
  let from = preamble.end;
  let to = 0;
  while (from < input.length) {
    const tag = input[from++]!;
    if ((tag & 3) === 0) {
      let length = tag >> 2;
      if (length >= 60) {
        const extra = length - 59;
        length = readLittleEndian(input, from, extra);
        from += extra;
      }
      length++;
      if (from + length > input.length) throw new DecodeError("snappy literal runs past the end of the data");
      if (to + length > outputLength) throw new DecodeError("snappy data is longer than announced");
      output.set(input.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length: number;
    let distance: number;
    switch (tag & 3) {
      case 1:
        length = ((tag >> 2) & 7) + 4;
        distance = ((tag >> 5) << 8) | readLittleEndian(input, from, 1);
        from += 1;
        break;
      case 2:
        length = (tag >> 2) + 1;
        distance = readLittleEndian(input, from, 2);
        from += 2;
        break;
      default:
        length = (tag >> 2) + 1;
        distance = readLittleEndian(input, from, 4);
        from += 4;
    }
    if (distance === 0 || distance > to)
      throw new DecodeError(`snappy copy from distance ${distance} at ${to}`);
    if (to + length > outputLength) throw new DecodeError("snappy data is longer than announced");
    copyWithin(output, to, distance, length);
    to += length;
  }
  if (to !== outputLength) throw new DecodeError(`snappy data gives ${to} of ${outputLength} bytes`);
  return output;
}

/** Copies that overlap repeat what they have just written. */
export function copyWithin(output: Uint8Array, to: number, distance: number, length: number): void {
  if (distance >= length) {
    output.copyWithin(to, to - distance, to - distance + length);
    return;
  }
  for (let index = 0; index < length; index++) output[to + index] = output[to + index - distance]!;
}

function readPreamble(input: Uint8Array): { length: number; end: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = input[index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, end: index + 1 };
  }
  throw new DecodeError("snappy data without a length");
}

function readLittleEndian(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new DecodeError("snappy data ends within an element");
  let value = 0;
  for (let index = 0; index < bytes; index++) value += input[at + index]! * 2 ** (8 * index);
  return value;
}
