import { ENCODING, type EncodedChunk, PAGE_TYPE } from "./pages.ts";
import type { WrittenAnnotation, WrittenColumn, WrittenType } from "./schema.ts";
import { i32, i64, list, struct, type ThriftValue, text } from "./thrift-writer.ts";

/**
 * The footer of a flat file (`FileMetaData` of parquet.thrift): schema with logical and converted types, row groups, key/value
 * entries. Nothing in it depends on time, machine or build. Minima and maxima of its columns are left out: what is written here
 * is read whole, and NaN may not stand in them.
 */

/** What a footer says of a file as a whole. */
export interface WrittenFile {
  readonly rootName: string;
  readonly columns: readonly WrittenColumn[];
  readonly keyValues: readonly (readonly [key: string, value: string])[];
}

export interface WrittenRowGroup {
  readonly rowCount: number;
  /** One for each column. */
  readonly chunks: readonly PlacedChunk[];
}

/** A column chunk and where it has been put. */
export interface PlacedChunk {
  readonly chunk: EncodedChunk;
  readonly offset: number;
  readonly nullCount: number;
}

/** Changed only when the bytes that equal rows give do change. */
const WRITER_VERSION = "1.0.0";
const WRITER_NAME = "floecat-capture";
const FORMAT_VERSION = 1;

const TYPE: Record<WrittenType, number> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
};
const REPETITION = { required: 0, optional: 1 } as const;
const CONVERTED_UTF8 = 0;
const CONVERTED_DECIMAL = 5;
const CONVERTED_UNSIGNED = { 8: 11, 16: 12, 32: 13 } as const;
const CONVERTED_SIGNED = { 8: 15, 16: 16, 32: 17 } as const;
const CODEC_UNCOMPRESSED = 0;
const TYPE_DEFINED_ORDER = struct([1, struct()]);

export function footerOf(file: WrittenFile, rowGroups: readonly WrittenRowGroup[]): ThriftValue {
  const { columns, keyValues } = file;
  const rowCount = rowGroups.reduce((sum, group) => sum + group.rowCount, 0);
  return struct(
    [1, i32(FORMAT_VERSION)],
    [2, list("struct", [rootElement(file), ...columns.map(schemaElement)])],
    [3, i64(rowCount)],
    [
      4,
      list(
        "struct",
        rowGroups.map((group, ordinal) => rowGroupElement(columns, group, ordinal)),
      ),
    ],
    [
      5,
      list(
        "struct",
        [...keyValues, ["writer.model.name", WRITER_NAME] as const].map(([key, value]) =>
          keyValue(key, value),
        ),
      ),
    ],
    [6, text(`${WRITER_NAME} version ${WRITER_VERSION}`)],
    [
      7,
      list(
        "struct",
        columns.map(() => TYPE_DEFINED_ORDER),
      ),
    ],
  );
}

function rootElement({ rootName, columns }: WrittenFile): ThriftValue {
  return struct([4, text(rootName)], [5, i32(columns.length)]);
}

function schemaElement(column: WrittenColumn): ThriftValue {
  const { annotation } = column;
  const precision = annotation?.kind === "DECIMAL" ? annotation.precision : undefined;
  return struct(
    [1, i32(TYPE[column.physicalType])],
    [2, column.typeLength === 0 ? undefined : i32(column.typeLength)],
    [3, i32(column.optional ? REPETITION.optional : REPETITION.required)],
    [4, text(column.name)],
    [6, annotation && i32(convertedType(annotation))],
    [7, precision === undefined ? undefined : i32(0)],
    [8, precision === undefined ? undefined : i32(precision)],
    [10, annotation && logicalType(annotation)],
  );
}

function convertedType(annotation: WrittenAnnotation): number {
  switch (annotation.kind) {
    case "STRING":
      return CONVERTED_UTF8;
    case "DECIMAL":
      return CONVERTED_DECIMAL;
    case "INTEGER":
      return (annotation.signed ? CONVERTED_SIGNED : CONVERTED_UNSIGNED)[annotation.bitWidth];
  }
}

/** A union: a structure with the one field that is meant. */
function logicalType(annotation: WrittenAnnotation): ThriftValue {
  switch (annotation.kind) {
    case "STRING":
      return struct([1, struct()]);
    case "DECIMAL":
      return struct([5, struct([1, i32(0)], [2, i32(annotation.precision)])]);
    case "INTEGER":
      return struct([
        10,
        struct(
          [1, { type: "byte", value: annotation.bitWidth }],
          [2, { type: "bool", value: annotation.signed }],
        ),
      ]);
  }
}

function rowGroupElement(
  columns: readonly WrittenColumn[],
  { rowCount, chunks }: WrittenRowGroup,
  ordinal: number,
): ThriftValue {
  const byteCount = chunks.reduce((sum, { chunk }) => sum + chunk.bytes.length, 0);
  return struct(
    [
      1,
      list(
        "struct",
        columns.map((column, i) => columnChunk(column, rowCount, chunks[i])),
      ),
    ],
    [2, i64(byteCount)],
    [3, i64(rowCount)],
    [5, i64(chunks[0]?.offset ?? 0)],
    [6, i64(byteCount)],
    [7, { type: "i16", value: ordinal }],
  );
}

function columnChunk(column: WrittenColumn, rowCount: number, placed: PlacedChunk | undefined): ThriftValue {
  if (placed === undefined) throw new RangeError(`no column chunk for ${column.name}`);
  const { chunk, offset, nullCount } = placed;
  const { dictionaryPageLength } = chunk;
  const hasDictionary = dictionaryPageLength > 0;
  const encodings = hasDictionary
    ? [ENCODING.plain, ENCODING.rle, ENCODING.rleDictionary]
    : [ENCODING.plain, ENCODING.rle];
  const metadata = struct(
    [1, i32(TYPE[column.physicalType])],
    [2, list("i32", encodings.map(i32))],
    [3, list("binary", [text(column.name)])],
    [4, i32(CODEC_UNCOMPRESSED)],
    [5, i64(rowCount)],
    [6, i64(chunk.bytes.length)],
    [7, i64(chunk.bytes.length)],
    [9, i64(offset + dictionaryPageLength)],
    [11, hasDictionary ? i64(offset) : undefined],
    [12, struct([3, i64(nullCount)])],
    [13, encodingStatistics(chunk)],
  );
  // file_offset is deprecated, and 0 when the chunk's metadata stands in the footer only.
  return struct([2, i64(0)], [3, metadata]);
}

function encodingStatistics(chunk: EncodedChunk): ThriftValue {
  const dictionaryPage = struct([1, i32(PAGE_TYPE.dictionary)], [2, i32(ENCODING.plain)], [3, i32(1)]);
  const dataPages = struct(
    [1, i32(PAGE_TYPE.data)],
    [2, i32(chunk.dataEncoding)],
    [3, i32(chunk.dataPageCount)],
  );
  return list("struct", chunk.dictionaryPageLength > 0 ? [dictionaryPage, dataPages] : [dataPages]);
}

function keyValue(key: string, value: string): ThriftValue {
  return struct([1, text(key)], [2, text(value)]);
}
