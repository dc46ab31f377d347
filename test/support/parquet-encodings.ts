import { deltaBinaryPacked } from "./delta-encoder.ts";

/** The encodings of parquet-format, written plainly: what tests put into pages. */

export type TestValue = boolean | number | bigint | string | Uint8Array;
export type TestType =
  | "BOOLEAN"
  | "INT32"
  | "INT64"
  | "INT96"
  | "FLOAT"
  | "DOUBLE"
  | "BYTE_ARRAY"
  | "FIXED_LEN_BYTE_ARRAY";

export type TestEncoding =
  | "PLAIN"
  | "PLAIN_DICTIONARY"
  | "RLE"
  | "BIT_PACKED"
  | "DELTA_BINARY_PACKED"
  | "DELTA_LENGTH_BYTE_ARRAY"
  | "DELTA_BYTE_ARRAY"
  | "RLE_DICTIONARY"
  | "BYTE_STREAM_SPLIT";

export const ENCODING_NUMBER: Readonly<Record<TestEncoding, number>> = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  BIT_PACKED: 4,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
};

/** Values in an encoding that needs nothing but them. */
export function encodeValues(
  type: TestType,
  encoding: TestEncoding,
  values: readonly TestValue[],
): Uint8Array {
  switch (encoding) {
    case "PLAIN":
      return plain(type, values);
    case "RLE": {
      const runs = hybrid(values.map(Number), 1);
      return concat([uint32(runs.length), runs]);
    }
    case "DELTA_BINARY_PACKED":
      return deltaBinaryPacked(
        values.map((value) => BigInt(String(value))),
        { wrap: type === "INT32" ? 32 : 64 },
      );
    case "DELTA_LENGTH_BYTE_ARRAY":
      return deltaLengthByteArray(values.map(bytesOf));
    case "DELTA_BYTE_ARRAY":
      return deltaByteArray(values.map(bytesOf));
    case "BYTE_STREAM_SPLIT":
      return byteStreamSplit(values.map((value) => plainValue(type, value)));
    default:
      throw new Error(`${encoding} is no encoding of values alone`);
  }
}

/** Dictionary indices: a byte of bit width and the hybrid. */
export function encodeIndices(indices: readonly number[], dictionarySize: number): Uint8Array {
  const bitWidth = bitsFor(Math.max(0, dictionarySize - 1));
  return concat([Uint8Array.of(bitWidth), hybrid(indices, bitWidth)]);
}

export function plain(type: TestType, values: readonly TestValue[]): Uint8Array {
  if (type === "BOOLEAN") return bitPacked(values.map(Number), 1);
  return concat(
    values.map((value) => {
      const bytes = plainValue(type, value);
      return type === "BYTE_ARRAY" ? concat([uint32(bytes.length), bytes]) : bytes;
    }),
  );
}

function plainValue(type: TestType, value: TestValue): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  switch (type) {
    case "INT32":
      view.setInt32(0, Number(value), true);
      return new Uint8Array(view.buffer, 0, 4);
    case "INT64":
      view.setBigInt64(0, BigInt(typeof value === "number" ? value : String(value)), true);
      return new Uint8Array(view.buffer);
    case "FLOAT":
      view.setFloat32(0, Number(value), true);
      return new Uint8Array(view.buffer, 0, 4);
    case "DOUBLE":
      view.setFloat64(0, Number(value), true);
      return new Uint8Array(view.buffer);
    default:
      return bytesOf(value);
  }
}

export function bytesOf(value: TestValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return new TextEncoder().encode(String(value));
}

/** The hybrid, in runs where values repeat eight times or more and bit-packed groups of eight elsewhere. */
export function hybrid(values: readonly number[], bitWidth: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < values.length) {
    let run = 1;
    while (at + run < values.length && values[at + run] === values[at]) run++;
    if (run >= 8 || at + run === values.length) {
      parts.push(varint(run * 2), littleEndian(values[at] ?? 0, Math.ceil(bitWidth / 8)));
      at += run;
    } else {
      const group = values.slice(at, at + 8);
      parts.push(varint(3), bitPacked([...group, ...new Array<number>(8 - group.length).fill(0)], bitWidth));
      at += group.length;
    }
  }
  return concat(parts);
}

/** Least significant bit first. */
export function bitPacked(values: readonly number[], bitWidth: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * bitWidth) / 8));
  values.forEach((value, index) => {
    for (let bit = 0; bit < bitWidth; bit++) {
      const at = index * bitWidth + bit;
      bytes[at >> 3]! |= (Math.floor(value / 2 ** bit) % 2) << (at & 7);
    }
  });
  return bytes;
}

/** The deprecated encoding of levels: most significant bit first. */
export function bitPackedLevels(values: readonly number[], bitWidth: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * bitWidth) / 8));
  values.forEach((value, index) => {
    for (let bit = 0; bit < bitWidth; bit++) {
      const at = index * bitWidth + bit;
      bytes[at >> 3]! |= ((value >> (bitWidth - 1 - bit)) & 1) << (7 - (at & 7));
    }
  });
  return bytes;
}

function deltaLengthByteArray(values: readonly Uint8Array[]): Uint8Array {
  return concat([
    deltaBinaryPacked(
      values.map((value) => BigInt(value.length)),
      { wrap: 32 },
    ),
    ...values,
  ]);
}

function deltaByteArray(values: readonly Uint8Array[]): Uint8Array {
  const prefixes = values.map((value, index) => sharedPrefix(values[index - 1] ?? new Uint8Array(0), value));
  const suffixes = values.map((value, index) => value.subarray(prefixes[index]));
  return concat([deltaBinaryPacked(prefixes.map(BigInt), { wrap: 32 }), deltaLengthByteArray(suffixes)]);
}

function sharedPrefix(left: Uint8Array, right: Uint8Array): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length++;
  return length;
}

function byteStreamSplit(values: readonly Uint8Array[]): Uint8Array {
  const width = values[0]?.length ?? 0;
  return Uint8Array.from({ length: width * values.length }, (_, at) => {
    const stream = Math.floor(at / values.length);
    return values[at % values.length]?.[stream] ?? 0;
  });
}

export function bitsFor(max: number): number {
  return 32 - Math.clz32(max);
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

export function uint32(value: number): Uint8Array {
  return littleEndian(value, 4);
}

function littleEndian(value: number, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => Math.floor(value / 256 ** index) % 256);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
