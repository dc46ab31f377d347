import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { snappyCompress } from "hyparquet-writer/src/snappy.js";
import type { Codec, PageHeader, PhysicalType } from "../../src/parquet/index.ts";
import { ENCODING } from "../../src/parquet/index.ts";
import { deltaBinaryPacked } from "./delta-encoder.ts";
import { hybrid, plainByteArrays } from "./kernels.ts";

/** Values of one column as their stored bytes; booleans as one byte each. */
export interface ColumnValues {
  readonly type: PhysicalType;
  readonly typeLength: number;
  readonly values: readonly Uint8Array[];
}

/** Values in an encoding of 06 §3.5, without levels and uncompressed. */
export function encodeValues({ type, typeLength, values }: ColumnValues, encoding: number): Uint8Array {
  const isVariable = type === "BYTE_ARRAY";
  switch (encoding) {
    case ENCODING.plain:
      if (type === "BOOLEAN") return packBits(values);
      return isVariable ? plainByteArrays(values) : concat(values);
    case ENCODING.rle:
      return withLength(hybrid(values.map(flag), 1));
    case ENCODING.deltaBinaryPacked:
      return deltaBinaryPacked(values.map(integer), { wrap: type === "INT32" ? 32 : 64 });
    case ENCODING.deltaLengthByteArray:
      return concat([
        deltaBinaryPacked(
          values.map((v) => BigInt(v.length)),
          { wrap: 32 },
        ),
        ...values,
      ]);
    case ENCODING.deltaByteArray: {
      const prefixes = values.map((value, i) => sharedPrefix(values[i - 1], value));
      const suffixes = values.map((value, i) => value.subarray(prefixes[i]));
      return concat([
        deltaBinaryPacked(prefixes.map(BigInt), { wrap: 32 }),
        deltaBinaryPacked(
          suffixes.map((s) => BigInt(s.length)),
          { wrap: 32 },
        ),
        ...suffixes,
      ]);
    }
    case ENCODING.byteStreamSplit: {
      const width = type === "FIXED_LEN_BYTE_ARRAY" ? typeLength : (values[0]?.length ?? 1);
      return concat(Array.from({ length: width }, (_, k) => Uint8Array.from(values, (v) => v[k] ?? 0)));
    }
    default:
      throw new RangeError(`no encoder for ${encoding}`);
  }
}

/** Encodings that a type may have, besides by dictionary. */
export function encodingsOf(type: PhysicalType): readonly number[] {
  switch (type) {
    case "BOOLEAN":
      return [ENCODING.plain, ENCODING.rle];
    case "INT32":
    case "INT64":
      return [ENCODING.plain, ENCODING.deltaBinaryPacked, ENCODING.byteStreamSplit];
    case "FLOAT":
    case "DOUBLE":
      return [ENCODING.plain, ENCODING.byteStreamSplit];
    case "BYTE_ARRAY":
      return [ENCODING.plain, ENCODING.deltaLengthByteArray, ENCODING.deltaByteArray];
    case "FIXED_LEN_BYTE_ARRAY":
      return [ENCODING.plain, ENCODING.deltaByteArray, ENCODING.byteStreamSplit];
    default:
      return [ENCODING.plain];
  }
}

export const CODECS: readonly Codec[] = [
  "UNCOMPRESSED",
  "SNAPPY",
  "GZIP",
  "BROTLI",
  "ZSTD",
  "LZ4",
  "LZ4_RAW",
];

export function compress(codec: Codec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case "SNAPPY":
      return Uint8Array.from(snappyCompress(bytes));
    case "GZIP": {
      // two members, which readers have to join
      const half = bytes.length >> 1;
      return concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
    }
    case "BROTLI":
      return brotliCompressSync(bytes);
    case "ZSTD":
      return zstdCompressSync(bytes);
    case "LZ4_RAW":
      return lz4Literals(bytes);
    case "LZ4": {
      const half = bytes.length >> 1;
      return concat(
        [bytes.subarray(0, half), bytes.subarray(half)].filter((b) => b.length > 0).map(hadoopFrame),
      );
    }
    default:
      return bytes;
  }
}

/** A block of literals alone. */
export function lz4Literals(bytes: Uint8Array): Uint8Array {
  const lengths: number[] = [];
  let rest = bytes.length - 15;
  while (rest >= 255) {
    lengths.push(255);
    rest -= 255;
  }
  if (rest >= 0) lengths.push(rest);
  return concat([Uint8Array.of(Math.min(15, bytes.length) << 4, ...lengths), bytes]);
}

function hadoopFrame(bytes: Uint8Array): Uint8Array {
  const block = lz4Literals(bytes);
  const sizes = new DataView(new ArrayBuffer(8));
  sizes.setUint32(0, bytes.length);
  sizes.setUint32(4, block.length);
  return concat([new Uint8Array(sizes.buffer), block]);
}

export interface PageContent {
  readonly codec: Codec;
  /** Undefined for v1. */
  readonly v2: { readonly isCompressed: boolean } | undefined;
  /** One for each row; all equal to the maximum where a value is. Undefined where the column's maximum is 0. */
  readonly levels: readonly number[] | undefined;
  readonly maxLevel: number;
  readonly bitPackedLevels: boolean;
  readonly encoding: number;
  readonly values: Uint8Array;
  readonly valueCount: number;
}

/** A page as the walk hands it to an engine. */
export function dataPage(content: PageContent): { header: PageHeader; body: Uint8Array } {
  const { codec, levels, maxLevel, encoding, values, valueCount } = content;
  const bitWidth = 32 - Math.clz32(maxLevel);
  const levelBytes = levels === undefined ? new Uint8Array() : hybrid(levels, bitWidth);
  if (content.v2 !== undefined) {
    const stored = content.v2.isCompressed ? compress(codec, values) : values;
    const body = concat([levelBytes, stored]);
    const header: PageHeader = {
      ...{ type: "data-v2", crc: undefined, encoding, valueCount, rowCount: valueCount },
      nullCount: levels === undefined ? 0 : levels.filter((l) => l !== maxLevel).length,
      definitionLevelsLength: levelBytes.length,
      repetitionLevelsLength: 0,
      isCompressed: content.v2.isCompressed,
      compressedSize: body.length,
      uncompressedSize: levelBytes.length + values.length,
    };
    return { header, body };
  }
  const levelPart =
    levels === undefined
      ? levelBytes
      : content.bitPackedLevels
        ? packLevels(levels, bitWidth)
        : withLength(levelBytes);
  const plainBody = concat([levelPart, values]);
  const body = compress(codec, plainBody);
  const header: PageHeader = {
    ...{ type: "data-v1", crc: undefined, encoding, valueCount, repetitionLevelEncoding: ENCODING.rle },
    definitionLevelEncoding: content.bitPackedLevels ? ENCODING.bitPacked : ENCODING.rle,
    compressedSize: body.length,
    uncompressedSize: plainBody.length,
  };
  return { header, body };
}

export function dictionaryPage(codec: Codec, column: ColumnValues): { header: PageHeader; body: Uint8Array } {
  const content = encodeValues(column, ENCODING.plain);
  const body = compress(codec, content);
  const header: PageHeader = {
    ...{ type: "dictionary", crc: undefined, encoding: ENCODING.plain, valueCount: column.values.length },
    compressedSize: body.length,
    uncompressedSize: content.length,
  };
  return { header, body };
}

/** Values of a dictionary-encoded page. */
export function encodeIndices(indices: readonly number[], bitWidth: number): Uint8Array {
  return concat([Uint8Array.of(bitWidth), hybrid(indices, bitWidth)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function withLength(bytes: Uint8Array): Uint8Array {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, bytes.length, true);
  return concat([new Uint8Array(length.buffer), bytes]);
}

function flag(value: Uint8Array): number {
  return value[0] ?? 0;
}

function integer(value: Uint8Array): bigint {
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  return value.length === 4 ? BigInt(view.getInt32(0, true)) : view.getBigInt64(0, true);
}

function packBits(values: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    out[i >> 3] = (out[i >> 3] ?? 0) | (flag(value) << (i & 7));
  });
  return out;
}

/** The deprecated BIT_PACKED encoding: most significant bit first. */
function packLevels(levels: readonly number[], bitWidth: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((levels.length * bitWidth) / 8));
  levels.forEach((level, i) => {
    for (let b = 0; b < bitWidth; b++) {
      const bit = i * bitWidth + b;
      const value = (level >> (bitWidth - 1 - b)) & 1;
      out[bit >> 3] = (out[bit >> 3] ?? 0) | (value << (7 - (bit & 7)));
    }
  });
  return out;
}

function sharedPrefix(previous: Uint8Array | undefined, value: Uint8Array): number {
  let shared = 0;
  while (previous !== undefined && shared < previous.length && previous[shared] === value[shared]) {
    if (shared >= value.length) break;
    shared++;
  }
  return Math.min(shared, value.length);
}
