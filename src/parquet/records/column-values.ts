import { decodeUtf8Java } from "../../types/index.ts";
import { batchLength, type ValueBatch } from "../reference/index.ts";

/** A value of a leaf: integers and floats as numbers of their width, byte arrays as bytes. */
export type ColumnValue = bigint | number | boolean | Uint8Array;

/** Values of one stretch of a column, made into JavaScript values only when asked for. */
export interface ValueSegment {
  value(index: number): ColumnValue;
  /** UTF-8 text of a byte array. */
  text(index: number): string;
}

/** The values of consecutive batches as one segment; they must be copies, since batches are valid for a short time only. */
export function batchesSegment(copies: readonly ValueBatch[]): ValueSegment {
  const [only] = copies;
  if (only !== undefined && copies.length === 1) return batchSegment(only);
  const segments = copies.map(batchSegment);
  const starts: number[] = [];
  let next = 0;
  for (const copy of copies) {
    starts.push(next);
    next += batchLength(copy);
  }
  const locate = (index: number) => {
    let at = starts.length - 1;
    while (at > 0 && (starts[at] ?? 0) > index) at--;
    const segment = segments[at];
    if (segment === undefined) throw new RangeError(`value ${index} of an empty segment`);
    return { segment, index: index - (starts[at] ?? 0) };
  };
  return {
    value(index) {
      const place = locate(index);
      return place.segment.value(place.index);
    },
    text(index) {
      const place = locate(index);
      return place.segment.text(place.index);
    },
  };
}

/** A segment of dictionary indices; each entry's text is made once. */
export function dictionarySegment(dictionary: DictionaryValues, indices: Int32Array): ValueSegment {
  return {
    value: (index) => dictionary.entries.value(indices[index] ?? 0),
    text: (index) => dictionary.textOf(indices[index] ?? 0),
  };
}

export interface DictionaryValues {
  readonly size: number;
  readonly entries: ValueSegment;
  textOf(entry: number): string;
}

export function dictionaryValues(batch: ValueBatch, size: number): DictionaryValues {
  const entries = batchSegment(batch);
  const texts = new Map<number, string>();
  return {
    size,
    entries,
    textOf(entry) {
      const known = texts.get(entry);
      if (known !== undefined) return known;
      const text = entries.text(entry);
      texts.set(entry, text);
      return text;
    },
  };
}

function batchSegment(batch: ValueBatch): ValueSegment {
  return {
    value(index) {
      switch (batch.kind) {
        case "bool":
          return at(batch.values, index) === 1;
        case "bytes":
          return batch.bytes.subarray(at(batch.starts, index), at(batch.ends, index));
        default:
          return at<bigint | number>(batch.values, index);
      }
    },
    text(index) {
      if (batch.kind !== "bytes") throw new TypeError("only byte arrays have text");
      return decodeUtf8Java(batch.bytes, at(batch.starts, index), at(batch.ends, index));
    },
  };
}

function at<Value>(values: { readonly [index: number]: Value }, index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`value ${index} is past the end of its batch`);
  return value;
}

/** A batch of its own, free of the page it came from. */
export function copyBatch(batch: ValueBatch): ValueBatch {
  switch (batch.kind) {
    case "i32":
      return { kind: "i32", values: batch.values.slice() };
    case "i64":
      return { kind: "i64", values: batch.values.slice() };
    case "f32":
      return { kind: "f32", values: batch.values.slice() };
    case "f64":
      return { kind: "f64", values: batch.values.slice() };
    case "bool":
      return { kind: "bool", values: batch.values.slice() };
    case "bytes": {
      const { starts, ends, bytes } = batch;
      let low = bytes.length;
      let high = 0;
      for (const start of starts) low = Math.min(low, start);
      for (const end of ends) high = Math.max(high, end);
      return {
        kind: "bytes",
        bytes: bytes.slice(low, high),
        starts: starts.map((start) => start - low),
        ends: ends.map((end) => end - low),
      };
    }
  }
}
