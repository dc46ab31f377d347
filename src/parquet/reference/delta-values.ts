import { DecodeError } from "../decode-error.ts";
import type { SchemaLeaf } from "../metadata.ts";
import { openDelta } from "./delta.ts";
import { type Stream, valuesEnd } from "./plain.ts";
import type { ValueSource } from "./values.ts";

/** The three delta encodings as value sources. `maxCount` is the page's number of values, nulls included. */
export function openDeltaBinaryPacked(leaf: SchemaLeaf, stream: Stream, maxCount: number): ValueSource {
  const type = leaf.physicalType;
  if (type !== "INT32" && type !== "INT64") {
    throw new DecodeError("Encoding DELTA_BINARY_PACKED is only supported for type INT32 and INT64");
  }
  const reader = openDelta(stream.bytes, stream.start, stream.end, maxCount);
  return {
    next(max) {
      if (type === "INT32") {
        const values = new Int32Array(max);
        reader.readInt32(values, max);
        return { kind: "i32", values };
      }
      const values = new BigInt64Array(max);
      reader.readInt64(values, max);
      return { kind: "i64", values };
    },
  };
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export function openDeltaLengthByteArray(leaf: SchemaLeaf, stream: Stream, maxCount: number): ValueSource {
  if (leaf.physicalType !== "BYTE_ARRAY") {
    throw new DecodeError("Encoding DELTA_LENGTH_BYTE_ARRAY is only supported for type BINARY");
  }
  const { bytes, end } = stream;
  const lengths = openLengths(stream, maxCount);
  let offset = lengths.dataStart;
  return {
    next(max) {
      const starts = new Int32Array(max);
      const ends = new Int32Array(max);
      lengths.read(ends, max);
      for (let index = 0; index < max; index++) {
        const length = ends[index]!;
        if (length < 0 || length > end - offset) {
          throw new DecodeError(`byte array of ${length} bytes where ${end - offset} are left`);
        }
        starts[index] = offset;
        offset += length;
        ends[index] = offset;
      }
      return { kind: "bytes", bytes, starts, ends };
    },
  };
}

/** Where a batch of DELTA_BYTE_ARRAY values is closed: values grow out of their predecessors without bound. */
const BATCH_BYTES = 64 * 1024;

/** DELTA_BYTE_ARRAY: lengths of the prefix shared with the value before, then the suffixes as DELTA_LENGTH_BYTE_ARRAY. */
export function openDeltaByteArray(leaf: SchemaLeaf, stream: Stream, maxCount: number): ValueSource {
  const fixedLength = leaf.physicalType === "FIXED_LEN_BYTE_ARRAY" ? leaf.typeLength : undefined;
  if (fixedLength === undefined && leaf.physicalType !== "BYTE_ARRAY") {
    throw new DecodeError(
      "Encoding DELTA_BYTE_ARRAY is only supported for type BINARY and FIXED_LEN_BYTE_ARRAY",
    );
  }
  const { bytes, end } = stream;
  const prefixes = openLengths(stream, maxCount);
  const suffixes = openLengths({ ...stream, start: prefixes.dataStart }, maxCount);
  let offset = suffixes.dataStart;
  let previous: Uint8Array = new Uint8Array(0);
  const one = new Int32Array(1);

  function nextValue(): Uint8Array {
    prefixes.read(one, 1);
    const prefix = one[0]!;
    suffixes.read(one, 1);
    const suffix = one[0]!;
    if (prefix < 0 || prefix > previous.length) {
      throw new DecodeError(`prefix of ${prefix} bytes after a value of ${previous.length} bytes`);
    }
    if (suffix < 0 || suffix > end - offset) {
      throw new DecodeError(`suffix of ${suffix} bytes where ${end - offset} are left`);
    }
    if (fixedLength !== undefined && prefix + suffix !== fixedLength) {
      throw new DecodeError(`value of ${prefix + suffix} bytes in a column of ${fixedLength} bytes`);
    }
    const value = new Uint8Array(prefix + suffix);
    value.set(previous.subarray(0, prefix));
    value.set(bytes.subarray(offset, offset + suffix), prefix);
    offset += suffix;
    previous = value;
    return value;
  }

  return {
    next(max) {
      const values: Uint8Array[] = [];
      let size = 0;
      while (values.length < max && size < BATCH_BYTES) {
        const value = nextValue();
        values.push(value);
        size += value.length;
      }
      return joinValues(values, size);
    },
  };
}

function joinValues(values: readonly Uint8Array[], size: number) {
  const bytes = new Uint8Array(size);
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  let offset = 0;
  values.forEach((value, index) => {
    bytes.set(value, offset);
    starts[index] = offset;
    offset += value.length;
    ends[index] = offset;
  });
  return { kind: "bytes" as const, bytes, starts, ends };
}

/** A stream of lengths, and where the stream after it begins: known only once every length has been passed over. */
function openLengths({ bytes, start, end }: Stream, maxCount: number) {
  const reader = openDelta(bytes, start, end, maxCount);
  const dataStart = openDelta(bytes, start, end, maxCount).skipToEnd();
  let left = reader.total;
  return {
    dataStart,
    read(target: Int32Array, count: number) {
      left -= count;
      if (left < 0) throw valuesEnd();
      reader.readInt32(target, count);
    },
  };
}
