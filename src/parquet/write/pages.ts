import { crc32 } from "node:zlib";
import {
  type ByteBuffer,
  createByteBuffer,
  putByte,
  putBytes,
  putLengthPrefixedText,
  putUint32,
  setUint32,
  writtenBytes,
} from "./byte-buffer.ts";
import type { ColumnValues, Levels } from "./column-builders.ts";
import { type Dictionary, dictionaryOfTexts, dictionaryOfWords } from "./dictionary.ts";
import { bitWidthOfCount, putHybrid } from "./hybrid.ts";
import { i32, putThrift, struct, type ThriftField } from "./thrift-writer.ts";

/**
 * One column chunk as pages, 06 §4.4: data pages of version 1, uncompressed, at most 20 000 rows and (unless one value alone
 * is longer) 1 MiB each, with RLE levels and a CRC. A column is dictionary-encoded where that is smaller.
 */
export interface EncodedChunk {
  /** The pages with their headers, one after the other; the dictionary page first. */
  readonly bytes: Uint8Array;
  /** Length of the dictionary page with its header; 0 without one. */
  readonly dictionaryPageLength: number;
  readonly dataPageCount: number;
  readonly dataEncoding: Encoding;
}

export const ENCODING = { plain: 0, rle: 3, rleDictionary: 8 } as const;
export type Encoding = typeof ENCODING.plain | typeof ENCODING.rleDictionary;

export const PAGE_TYPE = { data: 0, dictionary: 2 } as const;

/** Fields of `PageHeader`. */
const DATA_PAGE_HEADER = 5;
const DICTIONARY_PAGE_HEADER = 7;

const MAX_PAGE_ROWS = 20_000;
const MAX_PAGE_BYTES = 1 << 20;

/** Some page of a chunk: its rows, and which of the chunk's present values belong to them. */
interface PageSpan {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromValue: number;
  readonly toValue: number;
}

/** Writes the values of one span, without levels. */
type ValueWriter = (body: ByteBuffer, span: PageSpan) => void;

export function encodeChunk(values: ColumnValues, rowCount: number): EncodedChunk {
  const dictionary = dictionaryOf(values);
  if (dictionary !== undefined) {
    const encoded = encodeWithDictionary(values.levels, rowCount, dictionary);
    const levelsAndHeaders = encoded.bytes.length - encoded.dictionaryPageLength - encoded.idBytes;
    if (encoded.bytes.length < dictionary.plainSize + levelsAndHeaders) return encoded;
  }
  return encodePlain(values, rowCount);
}

function dictionaryOf(values: ColumnValues): Dictionary | undefined {
  switch (values.kind) {
    case "words":
      return dictionaryOfWords(values.words, values.wordsPerValue);
    case "text":
      return dictionaryOfTexts(values.values);
    case "boolean":
      return undefined;
  }
}

function encodeWithDictionary(
  levels: Levels,
  rowCount: number,
  dictionary: Dictionary,
): EncodedChunk & { readonly idBytes: number } {
  const chunk = createByteBuffer(dictionary.entries.length + 4096);
  putPage(chunk, dictionary.entries, [
    DICTIONARY_PAGE_HEADER,
    struct([1, i32(dictionary.entryCount)], [2, i32(ENCODING.plain)]),
  ]);
  const dictionaryPageLength = chunk.length;
  const bitWidth = bitWidthOfCount(dictionary.entryCount);
  let idBytes = 0;
  const putIds: ValueWriter = (body, span) => {
    const start = body.length;
    putByte(body, bitWidth);
    putHybrid(body, dictionary.ids, span.fromValue, span.toValue, bitWidth);
    idBytes += body.length - start;
  };
  const spans = spansByRows(levels, rowCount);
  putDataPages(chunk, levels, spans, ENCODING.rleDictionary, putIds);
  return {
    bytes: writtenBytes(chunk),
    dictionaryPageLength,
    dataPageCount: spans.length,
    dataEncoding: ENCODING.rleDictionary,
    idBytes,
  };
}

function encodePlain(values: ColumnValues, rowCount: number): EncodedChunk {
  const { spans, putValues } = plainPages(values, rowCount);
  const chunk = createByteBuffer(4096);
  putDataPages(chunk, values.levels, spans, ENCODING.plain, putValues);
  return {
    bytes: writtenBytes(chunk),
    dictionaryPageLength: 0,
    dataPageCount: spans.length,
    dataEncoding: ENCODING.plain,
  };
}

function plainPages(column: ColumnValues, rowCount: number): { spans: PageSpan[]; putValues: ValueWriter } {
  switch (column.kind) {
    case "words": {
      const width = column.wordsPerValue * 4;
      const { buffer, byteOffset } = column.words;
      return {
        spans: spansByRows(column.levels, rowCount),
        putValues: (body, { fromValue, toValue }) =>
          putBytes(
            body,
            new Uint8Array(buffer, byteOffset + fromValue * width, (toValue - fromValue) * width),
          ),
      };
    }
    case "boolean":
      return {
        spans: spansByRows(column.levels, rowCount),
        putValues: (body, { fromValue, toValue }) => putBits(body, column.values, fromValue, toValue),
      };
    case "text": {
      const plain = createByteBuffer(4096);
      const ends = new Float64Array(column.values.length + 1);
      column.values.forEach((value, i) => {
        putLengthPrefixedText(plain, value);
        ends[i + 1] = plain.length;
      });
      return {
        spans: spansBySize(column.levels, rowCount, ends),
        putValues: (body, { fromValue, toValue }) =>
          putBytes(body, plain.bytes.subarray(ends[fromValue], ends[toValue])),
      };
    }
  }
}

function putBits(body: ByteBuffer, values: Uint8Array, from: number, to: number): void {
  for (let start = from; start < to; start += 8) {
    let byte = 0;
    for (let i = start; i < Math.min(start + 8, to); i++) byte |= (values[i] ?? 0) << (i - start);
    putByte(body, byte);
  }
}

/** Pages of a column whose values are of a fixed size: 20 000 of the widest, 32 bytes, stay below 1 MiB. */
function spansByRows(levels: Levels, rowCount: number): PageSpan[] {
  const spans: PageSpan[] = [];
  let fromValue = 0;
  for (let fromRow = 0; fromRow < rowCount; fromRow += MAX_PAGE_ROWS) {
    const toRow = Math.min(fromRow + MAX_PAGE_ROWS, rowCount);
    const toValue = fromValue + presentCount(levels, fromRow, toRow);
    spans.push({ fromRow, toRow, fromValue, toValue });
    fromValue = toValue;
  }
  return spans;
}

/** Pages of a column whose value with number i ends at `ends[i + 1]`: a page ends before the row that would make it too long. */
function spansBySize(levels: Levels, rowCount: number, ends: Float64Array): PageSpan[] {
  const spans: PageSpan[] = [];
  let fromRow = 0;
  let fromValue = 0;
  let value = 0;
  for (let row = 0; row < rowCount; row++) {
    const nextValue = levels === undefined || levels[row] === 1 ? value + 1 : value;
    const tooLong = (ends[nextValue] ?? 0) - (ends[fromValue] ?? 0) > MAX_PAGE_BYTES && value > fromValue;
    if (tooLong || row - fromRow === MAX_PAGE_ROWS) {
      spans.push({ fromRow, toRow: row, fromValue, toValue: value });
      fromRow = row;
      fromValue = value;
    }
    value = nextValue;
  }
  spans.push({ fromRow, toRow: rowCount, fromValue, toValue: value });
  return spans;
}

function presentCount(levels: Levels, from: number, to: number): number {
  if (levels === undefined) return to - from;
  let count = 0;
  for (let row = from; row < to; row++) count += levels[row] ?? 0;
  return count;
}

function putDataPages(
  chunk: ByteBuffer,
  levels: Levels,
  spans: readonly PageSpan[],
  encoding: Encoding,
  putValues: ValueWriter,
): void {
  for (const span of spans) {
    const body = createByteBuffer(4096);
    if (levels !== undefined) putLevels(body, levels, span);
    putValues(body, span);
    putPage(chunk, writtenBytes(body), [
      DATA_PAGE_HEADER,
      struct(
        [1, i32(span.toRow - span.fromRow)],
        [2, i32(encoding)],
        [3, i32(ENCODING.rle)],
        [4, i32(ENCODING.rle)],
      ),
    ]);
  }
}

/** Definition levels of version 1: the length of the runs in four bytes, then the runs. */
function putLevels(body: ByteBuffer, levels: Uint8Array, span: PageSpan): void {
  const start = body.length;
  putUint32(body, 0);
  putHybrid(body, levels, span.fromRow, span.toRow, 1);
  setUint32(body, start, body.length - start - 4);
}

/** `PageHeader` and body. `typeHeader` is the field of the header that tells a data page from a dictionary page. */
function putPage(chunk: ByteBuffer, body: Uint8Array, typeHeader: ThriftField): void {
  const pageType = typeHeader[0] === DATA_PAGE_HEADER ? PAGE_TYPE.data : PAGE_TYPE.dictionary;
  putThrift(
    chunk,
    struct(
      [1, i32(pageType)],
      [2, i32(body.length)],
      [3, i32(body.length)],
      [4, i32(crc32(body) | 0)],
      typeHeader,
    ),
  );
  putBytes(chunk, body);
}
