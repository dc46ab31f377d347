import { DamagedAvroError } from "./cursor.ts";

/** Raw snappy, as Avro blocks use it. The output is refused before it is allocated if it would exceed `maxBytes`. */
export function decompressSnappy(input: Uint8Array, maxBytes: number): Uint8Array {
  const preamble = readPreamble(input);
  if (preamble.length > maxBytes) {
    throw new DamagedAvroError(
      `a snappy block says it holds ${preamble.length} bytes; at most ${maxBytes} are read`,
    );
  }
  const output = new Uint8Array(preamble.length);
  let from = preamble.end;
  let to = 0;
  while (from < input.length) {
    const tag = byteAt(input, from++);
    if ((tag & 3) === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const width = length - 59;
        length = littleEndian(input, from, width);
        from += width;
      }
      length += 1;
      if (length > input.length - from || length > output.length - to) throw damaged(from);
      output.set(input.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length: number;
    let distance: number;
    if ((tag & 3) === 1) {
      length = ((tag >>> 2) & 7) + 4;
      distance = ((tag >>> 5) << 8) | byteAt(input, from);
      from += 1;
    } else {
      const width = (tag & 3) === 2 ? 2 : 4;
      length = (tag >>> 2) + 1;
      distance = littleEndian(input, from, width);
      from += width;
    }
    if (distance === 0 || distance > to || length > output.length - to) throw damaged(from);
    // Byte by byte where source and target overlap: a copy may repeat what it has just written.
    if (distance >= length) output.copyWithin(to, to - distance, to - distance + length);
    else for (let index = 0; index < length; index++) output[to + index] = output[to + index - distance] ?? 0;
    to += length;
  }
  if (to !== output.length) throw damaged(from);
  return output;
}

function readPreamble(input: Uint8Array): { length: number; end: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = byteAt(input, index);
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, end: index + 1 };
  }
  throw damaged(0);
}

function littleEndian(input: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = 0; index < width; index++) value += byteAt(input, at + index) * 2 ** (8 * index);
  return value;
}

function byteAt(input: Uint8Array, at: number): number {
  const byte = input[at];
  if (byte === undefined) throw damaged(at);
  return byte;
}

function damaged(at: number): DamagedAvroError {
  return new DamagedAvroError(`a snappy block is damaged near its byte ${at}`);
}
