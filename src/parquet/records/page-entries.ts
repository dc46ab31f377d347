import { DecodeError } from "../decode-error.ts";
import type { Codec, SchemaLeaf } from "../metadata.ts";
import { type DataPageV1Header, type DataPageV2Header, ENCODING } from "../pages/page-header.ts";
import {
  batchLength,
  openIndices,
  openPageV1,
  openPageV2,
  openValues,
  type ValueBatch,
} from "../reference/index.ts";
import {
  batchesSegment,
  copyBatch,
  type DictionaryValues,
  dictionarySegment,
  type ValueSegment,
} from "./column-values.ts";

/** Entries decoded at a time: what is in memory follows this, not a count from a header. */
const BATCH = 4096;
/** By how much the byte arrays of a batch may be more than their page: a prefix is stored once for all values that share it. */
const MAX_GROWTH_BYTES = 64 * 1024 * 1024;

/** Some consecutive entries of a page. */
export interface EntryBatch {
  readonly count: number;
  /** Undefined where every level is 0. */
  readonly repetition: Int32Array | undefined;
  /** Undefined where every entry is present. */
  readonly definition: Int32Array | undefined;
  /** Values of the present entries, in order. */
  readonly values: ValueSegment;
}

/** The entries of one data page, batch by batch; undefined at its end. */
export interface PageEntries {
  next(): EntryBatch | undefined;
}

export function openPageEntries(
  leaf: SchemaLeaf,
  codec: Codec,
  header: DataPageV1Header | DataPageV2Header,
  body: Uint8Array,
  dictionary: (() => DictionaryValues) | undefined,
): PageEntries {
  const parts =
    header.type === "data-v1" ? openPageV1(leaf, codec, header, body) : openPageV2(leaf, codec, header, body);
  const isDictionaryEncoded =
    header.encoding === ENCODING.plainDictionary || header.encoding === ENCODING.rleDictionary;
  let take: ((count: number) => ValueSegment) | undefined;
  const values = (count: number): ValueSegment => {
    if (count === 0) return NO_VALUES;
    take ??= isDictionaryEncoded ? takeIndices(openIndices(parts.values()), dictionary?.()) : plainValues();
    return take(count);
  };

  function plainValues(): (count: number) => ValueSegment {
    const stream = parts.values();
    const source = openValues(leaf, header.encoding, stream, header.valueCount);
    return takeValues(source, stream.end - stream.start + MAX_GROWTH_BYTES);
  }

  let left = parts.positions;
  return {
    next() {
      if (left === 0) return undefined;
      const count = Math.min(left, BATCH);
      left -= count;
      const repetition = parts.repetition && new Int32Array(count);
      const definition = parts.definition && new Int32Array(count);
      if (repetition !== undefined) parts.repetition?.read(repetition, count);
      if (definition !== undefined) parts.definition?.read(definition, count);
      return { count, repetition, definition, values: values(presentCount(leaf, definition, count)) };
    },
  };
}

const NO_VALUES = batchesSegment([]);

function presentCount(leaf: SchemaLeaf, definition: Int32Array | undefined, count: number): number {
  if (definition === undefined) return count;
  let present = 0;
  for (const level of definition) {
    if (level > leaf.maxDefinitionLevel) {
      throw new DecodeError(
        `definition level ${level} in a column whose maximum is ${leaf.maxDefinitionLevel}`,
      );
    }
    if (level === leaf.maxDefinitionLevel) present++;
  }
  return present;
}

function takeValues(
  source: { next(max: number): ValueBatch },
  maxBytes: number,
): (count: number) => ValueSegment {
  return (count) => {
    const copies: ValueBatch[] = [];
    let size = 0;
    for (let done = 0; done < count; ) {
      const copy = copyBatch(source.next(count - done));
      copies.push(copy);
      size += copy.kind === "bytes" ? copy.bytes.length : 0;
      if (size > maxBytes) throw new DecodeError(`${count} values take more than ${maxBytes} bytes`);
      done += batchLength(copy);
    }
    return batchesSegment(copies);
  };
}

function takeIndices(
  source: { read(target: Int32Array, count: number): void },
  dictionary: DictionaryValues | undefined,
): (count: number) => ValueSegment {
  if (dictionary === undefined) throw new DecodeError("the page needs a dictionary, and the column has none");
  return (count) => {
    const indices = new Int32Array(count);
    source.read(indices, count);
    for (const index of indices) {
      if (index >>> 0 >= dictionary.size) {
        throw new DecodeError(`dictionary index ${index >>> 0} in a dictionary of ${dictionary.size} values`);
      }
    }
    return dictionarySegment(dictionary, indices);
  };
}
