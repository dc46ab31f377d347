import { type PageBounds, UnreadableFileError } from "../../model/index.ts";
import { decompress } from "../codec/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { ChunkDecoder, ChunkSpec, PageEngine, PagePlace } from "../engine.ts";
import { encodingName } from "../footer/names.ts";
import {
  type DataPageV1Header,
  type DataPageV2Header,
  ENCODING,
  type PageHeader,
} from "../pages/page-header.ts";
import { type Dictionary, decodeDictionary } from "./dictionary.ts";
import { createDistinct } from "./distinct.ts";
import { createFold, type Fold } from "./fold.ts";
import { openIndices, openValues } from "./open-values.ts";
import { openPageV1, openPageV2, type PageParts } from "./page-parts.ts";
import { batchLength, gather, type ValueBatch } from "./values.ts";

/**
 * The engine in its first form: plain TypeScript, one value after the other, written to be read next to 06 §3.5 and §3.6.
 * It is the yardstick of the fast engine. Memory follows the page and the dictionary, never a count from a header: levels
 * and values are taken in batches.
 */
export function createReferenceEngine(): PageEngine {
  return { openChunk };
}

/** Levels and values that are decoded at a time. */
const BATCH = 4096;

function openChunk(spec: ChunkSpec): ChunkDecoder {
  const { leaf, codec, bounds, distinct } = spec;
  const addDistinct = distinct && createDistinct(leaf, distinct);
  let dictionary: Dictionary | undefined;
  /** Dictionary entries whose item the sketch has already. */
  let presented = new Uint8Array(0);

  function decodePage(header: DataPageV1Header | DataPageV2Header, body: Uint8Array): PageBounds | undefined {
    const parts =
      header.type === "data-v1"
        ? openPageV1(leaf, codec, header, body)
        : openPageV2(leaf, codec, header, body);
    const fold = bounds && createFold(bounds);
    const isDictionaryEncoded =
      header.encoding === ENCODING.plainDictionary || header.encoding === ENCODING.rleDictionary;
    const consumer = isDictionaryEncoded
      ? indexConsumer(parts, header.encoding, fold)
      : valueConsumer(parts, header, fold);
    walkLevels(parts, leaf.maxDefinitionLevel, consumer.take);
    consumer.finish();
    return fold?.bounds();
  }

  /** Plain and delta values go straight into the fold. */
  function valueConsumer(
    parts: PageParts,
    header: { encoding: number; valueCount: number },
    fold?: Fold,
  ): Consumer {
    const source = lazily(() => openValues(leaf, header.encoding, parts.values(), header.valueCount));
    return {
      take(count, keep) {
        for (let done = 0; done < count; ) {
          const batch = source().next(count - done);
          const kept = keep === undefined ? batch : keepMarked(batch, keep.subarray(done));
          fold?.add(kept);
          addDistinct?.(kept);
          done += batchLength(batch);
        }
      },
      finish() {},
    };
  }

  /** Indices only mark the entries that are used; these are folded once, at the end of the page. */
  function indexConsumer(parts: PageParts, encoding: number, fold?: Fold): Consumer {
    const entries = dictionaryFor(encoding);
    const used = new Uint8Array(entries.size);
    const source = lazily(() => openIndices(parts.values()));
    const indices = new Int32Array(BATCH);
    return {
      take(count, keep) {
        source().read(indices, count);
        for (let position = 0; position < count; position++) {
          const index = indices[position]! >>> 0;
          if (index >= entries.size) {
            throw new DecodeError(`dictionary index ${index} in a dictionary of ${entries.size} values`);
          }
          if (keep === undefined || keep[position] === 1) used[index] = 1;
        }
      },
      finish() {
        const positions = positionsOf(used);
        if (positions.length === 0) return;
        fold?.add(gather(entries.values, positions));
        if (addDistinct === undefined) return;
        addDistinct(
          gather(
            entries.values,
            positions.filter((position) => presented[position] === 0),
          ),
        );
        for (const position of positions) presented[position] = 1;
      },
    };
  }

  function dictionaryFor(encoding: number): Dictionary {
    if (leaf.physicalType === "BOOLEAN") {
      throw new DecodeError("Dictionary encoding not supported for type: BOOLEAN");
    }
    if (dictionary === undefined) {
      throw new DecodeError(
        `could not read page in col ${leaf.name} as the dictionary was missing for encoding ${encodingName(encoding)}`,
      );
    }
    return dictionary;
  }

  return {
    dictionaryPage(header, body, where) {
      located(spec, where, () => {
        if (header.type !== "dictionary")
          throw new DecodeError(`${header.type} page where a dictionary belongs`);
        const bytes = decompress(codec, body, header.uncompressedSize);
        // The caller's bytes are gone after this call; a slice of a Buffer would share them.
        dictionary = decodeDictionary(leaf, header, bytes === body ? new Uint8Array(body) : bytes);
        presented = new Uint8Array(dictionary.size);
      });
    },
    dataPage: (header, body, where) => located(spec, where, () => decodePage(dataHeader(header), body)),
    close() {
      dictionary = undefined;
    },
  };
}

/** Takes the values that lie at the next `count` present positions; of those only the kept ones matter, or all. */
interface Consumer {
  take(count: number, keep: Uint8Array | undefined): void;
  finish(): void;
}

/**
 * Walks the levels. A value is present exactly where its definition level is the column's maximum. Under a repeated field only
 * the first element of a row is kept (07 §6.3); such columns have no bounds, so that is about distinct values alone.
 */
function walkLevels(parts: PageParts, maxDefinitionLevel: number, take: Consumer["take"]): void {
  const definitions = new Int32Array(parts.definition === undefined ? 0 : BATCH);
  const repetitions = new Int32Array(parts.repetition === undefined ? 0 : BATCH);
  const keep = new Uint8Array(repetitions.length);
  for (let left = parts.positions; left > 0; ) {
    const count = Math.min(left, BATCH);
    parts.definition?.read(definitions, count);
    parts.repetition?.read(repetitions, count);
    let present = 0;
    for (let position = 0; position < count; position++) {
      const level = parts.definition === undefined ? maxDefinitionLevel : definitions[position]!;
      if (level > maxDefinitionLevel) {
        throw new DecodeError(`definition level ${level} in a column whose maximum is ${maxDefinitionLevel}`);
      }
      if (level !== maxDefinitionLevel) continue;
      if (parts.repetition !== undefined) keep[present] = repetitions[position] === 0 ? 1 : 0;
      present++;
    }
    if (present > 0) take(present, parts.repetition === undefined ? undefined : keep);
    left -= count;
  }
}

function dataHeader(header: PageHeader): DataPageV1Header | DataPageV2Header {
  if (header.type !== "data-v1" && header.type !== "data-v2") {
    throw new DecodeError(`${header.type} page where data belongs`);
  }
  return header;
}

function keepMarked(batch: ValueBatch, keep: Uint8Array): ValueBatch {
  return gather(batch, positionsOf(keep.subarray(0, batchLength(batch))));
}

function positionsOf(marks: Uint8Array): Int32Array {
  let count = 0;
  for (const mark of marks) count += mark;
  const positions = new Int32Array(count);
  let next = 0;
  for (let index = 0; index < marks.length; index++) if (marks[index] === 1) positions[next++] = index;
  return positions;
}

function lazily<Value>(open: () => Value): () => Value {
  let value: Value | undefined;
  return () => {
    value ??= open();
    return value;
  };
}

function located<Result>(spec: ChunkSpec, where: PagePlace, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new UnreadableFileError(
      error.message,
      {
        file: spec.file,
        column: spec.leaf.name,
        rowGroup: spec.rowGroup,
        page: where.page,
        offset: where.offset,
      },
      { cause: error },
    );
  }
}
