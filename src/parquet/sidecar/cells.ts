import { type ByteSource, UnreadableFileError } from "../../model/index.ts";
import { decompress } from "../codec/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { ColumnChunk, FileMetadata, RowGroup } from "../metadata.ts";
import { type DataPageV1Header, type DataPageV2Header, ENCODING } from "../pages/page-header.ts";
import { type Page, walkPages } from "../pages/walk.ts";
import {
  batchLength,
  decodeDictionary,
  openIndices,
  openPageV1,
  openPageV2,
  openValues,
  type PageParts,
  type ValueBatch,
} from "../reference/index.ts";

/**
 * One value of a sidecar column, exactly as it is stored: integers signed, 64-bit ones as bigint, byte arrays of annotated
 * text as strings, other bytes as they are. Undefined is null.
 */
export type Cell = number | bigint | boolean | string | Uint8Array | undefined;

/** Levels and values that are decoded at a time. */
const BATCH = 4096;

/** Appends the cells of a flat column chunk, in whatever encoding and codec it is written. */
export async function readCells(
  cells: Cell[],
  source: ByteSource,
  footer: FileMetadata,
  rowGroup: RowGroup,
  chunk: ColumnChunk,
  signal: AbortSignal,
): Promise<void> {
  let dictionary: readonly Cell[] | undefined;
  for await (const page of walkPages(source, footer, rowGroup, chunk, { signal })) {
    try {
      if (page.header.type === "dictionary") dictionary = dictionaryCells(chunk, page);
      else if (page.header.type !== "index") putPage(cells, chunk, page.header, page.body, dictionary);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const { ordinal, offset } = page;
      throw new UnreadableFileError(
        error.message,
        { file: source.path, column: chunk.leaf.name, rowGroup: rowGroup.ordinal, page: ordinal, offset },
        { cause: error },
      );
    }
  }
}

function dictionaryCells({ leaf, codec }: ColumnChunk, { header, body }: Page): readonly Cell[] {
  if (header.type !== "dictionary") throw new DecodeError(`${header.type} page where a dictionary belongs`);
  const { values } = decodeDictionary(leaf, header, decompress(codec, body, header.uncompressedSize));
  return cellsOf(values, isText(leaf));
}

function putPage(
  cells: Cell[],
  { leaf, codec }: ColumnChunk,
  header: DataPageV1Header | DataPageV2Header,
  body: Uint8Array,
  dictionary: readonly Cell[] | undefined,
): void {
  const parts =
    header.type === "data-v1" ? openPageV1(leaf, codec, header, body) : openPageV2(leaf, codec, header, body);
  // Opened with the first value: a page of nulls need not have any bytes for them.
  let take: CellSource | undefined;
  const open = () =>
    isDictionaryEncoded(header.encoding)
      ? indexedCells(parts, dictionary)
      : plainCells(leaf, parts, header.encoding, header.valueCount);
  const levels = new Int32Array(BATCH).fill(leaf.maxDefinitionLevel);
  for (let left = parts.positions; left > 0; ) {
    const count = Math.min(left, BATCH);
    parts.definition?.read(levels, count);
    let present = 0;
    for (let position = 0; position < count; position++) {
      if (levels[position] === leaf.maxDefinitionLevel) present++;
    }
    if (present > 0) take ??= open();
    const values = take?.(present) ?? [];
    let next = 0;
    for (let position = 0; position < count; position++) {
      cells.push(levels[position] === leaf.maxDefinitionLevel ? values[next++] : undefined);
    }
    left -= count;
  }
}

/** The next `count` values of a page; throws if it has fewer. */
type CellSource = (count: number) => readonly Cell[];

function plainCells(
  leaf: ColumnChunk["leaf"],
  parts: PageParts,
  encoding: number,
  maxCount: number,
): CellSource {
  const source = openValues(leaf, encoding, parts.values(), maxCount);
  return (count) => {
    const values: Cell[] = [];
    while (values.length < count) {
      for (const cell of cellsOf(source.next(count - values.length), isText(leaf))) values.push(cell);
    }
    return values;
  };
}

function indexedCells(parts: PageParts, dictionary: readonly Cell[] | undefined): CellSource {
  if (dictionary === undefined)
    throw new DecodeError("dictionary indices without a dictionary page before them");
  const source = openIndices(parts.values());
  const indices = new Int32Array(BATCH);
  return (count) => {
    source.read(indices, count);
    return Array.from(indices.subarray(0, count), (index) => {
      if (index >>> 0 >= dictionary.length) {
        throw new DecodeError(
          `dictionary index ${index >>> 0} in a dictionary of ${dictionary.length} values`,
        );
      }
      return dictionary[index];
    });
  };
}

function isDictionaryEncoded(encoding: number): boolean {
  return encoding === ENCODING.plainDictionary || encoding === ENCODING.rleDictionary;
}

function isText(leaf: ColumnChunk["leaf"]): boolean {
  return leaf.physicalType === "BYTE_ARRAY";
}

function cellsOf(batch: ValueBatch, asText: boolean): readonly Cell[] {
  switch (batch.kind) {
    case "bool":
      return Array.from(batch.values, (value) => value === 1);
    case "bytes":
      return Array.from({ length: batchLength(batch) }, (_, i) => {
        const bytes = batch.bytes.subarray(batch.starts[i], batch.ends[i]);
        // A copy: the page is gone soon, and `slice` of a Buffer would still share its memory.
        return asText ? decodeText(bytes) : new Uint8Array(bytes);
      });
    case "i64":
      return Array.from(batch.values);
    default:
      return Array.from(batch.values);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new DecodeError("text that is not UTF-8", { cause });
  }
}
