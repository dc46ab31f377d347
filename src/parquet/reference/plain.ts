import { DecodeError } from "../decode-error.ts";
import type { SchemaLeaf } from "../metadata.ts";
import type { ValueBatch, ValueSource } from "./values.ts";

/** Bytes of a data stream within a page. */
export interface Stream {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** PLAIN values: fixed-width little-endian numbers, bit-packed booleans, length-prefixed or fixed-length byte arrays. */
export function openPlain(leaf: SchemaLeaf, stream: Stream): ValueSource {
  switch (leaf.physicalType) {
    case "BOOLEAN":
      return openPlainBooleans(stream);
    case "INT32":
    case "INT64":
    case "FLOAT":
    case "DOUBLE":
      return openPlainNumbers(leaf.physicalType, stream);
    case "BYTE_ARRAY":
      return openPlainByteArrays(stream);
    case "FIXED_LEN_BYTE_ARRAY":
      return openFixedByteArrays(leaf.typeLength, stream);
    case "INT96":
      throw new DecodeError("INT96 values are never read (06 §2.3)");
  }
}

type NumberType = "INT32" | "INT64" | "FLOAT" | "DOUBLE";

export function numberWidth(type: NumberType): number {
  return type === "INT32" || type === "FLOAT" ? 4 : 8;
}

function openPlainNumbers(type: NumberType, { bytes, start, end }: Stream): ValueSource {
  const width = numberWidth(type);
  let offset = start;
  return {
    next(max) {
      const count = Math.min(max, Math.floor((end - offset) / width));
      if (count === 0) throw valuesEnd();
      const batch = numbersAt(type, bytes, offset, count);
      offset += count * width;
      return batch;
    },
  };
}

/** Numbers that lie one after the other at any alignment. */
export function numbersAt(type: NumberType, bytes: Uint8Array, offset: number, count: number): ValueBatch {
  const length = count * numberWidth(type);
  const aligned = new ArrayBuffer(length);
  new Uint8Array(aligned).set(bytes.subarray(offset, offset + length));
  switch (type) {
    case "INT32":
      return { kind: "i32", values: new Int32Array(aligned) };
    case "INT64":
      return { kind: "i64", values: new BigInt64Array(aligned) };
    case "FLOAT":
      return { kind: "f32", values: new Float32Array(aligned) };
    case "DOUBLE":
      return { kind: "f64", values: new Float64Array(aligned) };
  }
}

function openPlainBooleans({ bytes, start, end }: Stream): ValueSource {
  let bitOffset = start * 8;
  return {
    next(max) {
      const count = Math.min(max, end * 8 - bitOffset);
      if (count === 0) throw valuesEnd();
      const values = new Uint8Array(count);
      for (let index = 0; index < count; index++, bitOffset++) {
        values[index] = (bytes[Math.floor(bitOffset / 8)]! >> (bitOffset % 8)) & 1;
      }
      return { kind: "bool", values };
    },
  };
}

function openPlainByteArrays({ bytes, start, end }: Stream): ValueSource {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = start;
  return {
    next(max) {
      // The shortest value takes its length alone, so no more than this many can follow.
      const limit = Math.min(max, Math.floor((end - offset) / 4));
      if (limit === 0) throw valuesEnd();
      const starts = new Int32Array(limit);
      const ends = new Int32Array(limit);
      let count = 0;
      while (count < limit && offset + 4 <= end) {
        const length = view.getUint32(offset, true);
        if (length > end - offset - 4) {
          if (count > 0) break;
          throw new DecodeError(`byte array of ${length} bytes where ${end - offset - 4} are left`);
        }
        starts[count] = offset + 4;
        offset += 4 + length;
        ends[count] = offset;
        count++;
      }
      return { kind: "bytes", bytes, starts: starts.subarray(0, count), ends: ends.subarray(0, count) };
    },
  };
}

function openFixedByteArrays(width: number, { bytes, start, end }: Stream): ValueSource {
  let offset = start;
  return {
    next(max) {
      const count = width === 0 ? max : Math.min(max, Math.floor((end - offset) / width));
      if (count === 0) throw valuesEnd();
      const starts = Int32Array.from({ length: count }, (_, index) => offset + index * width);
      offset += count * width;
      return { kind: "bytes", bytes, starts, ends: starts.map((from) => from + width) };
    },
  };
}

export function valuesEnd(): DecodeError {
  return new DecodeError("the values end before the page's last one");
}
