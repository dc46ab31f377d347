import { ENCODING, type EncodedChunk, PAGE_TYPE } from "./pages.ts";
import {
  DATA_FILE_PATH_KEY,
  SIDECAR_COLUMNS,
  SIDECAR_ROOT_NAME,
  type SidecarAnnotation,
  type SidecarColumn,
  type SidecarPhysicalType,
} from "./schema.ts";
import { i32, i64, list, struct, type ThriftValue, text } from "./thrift-writer.ts";

/**
 * The footer of a sidecar (`FileMetaData` of parquet.thrift), 06 §4.1 and §4.4: schema with logical and converted types, at
 * most one row group, the key/value entries. Nothing in it depends on time, machine or build. Minima and maxima of the
 * sidecar's own columns are left out: it is one row group, read whole, and NaN may not stand in them.
 */

/** A column chunk and where it has been put. */
export interface PlacedChunk {
  readonly chunk: EncodedChunk;
  readonly offset: number;
  readonly nullCount: number;
}

/** Changed only when the bytes that equal rows give do change. */
const SIDECAR_WRITER_VERSION = "1.0.0";
const WRITER_NAME = "floecat-capture";
const FORMAT_VERSION = 1;

const TYPE: Record<SidecarPhysicalType, number> = {
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

/** `chunks` is empty, or has one element for each column. */
export function footerOf(
  rowCount: number,
  chunks: readonly PlacedChunk[],
  dataFilePath: string,
): ThriftValue {
  return struct(
    [1, i32(FORMAT_VERSION)],
    [2, list("struct", [rootElement(), ...SIDECAR_COLUMNS.map(schemaElement)])],
    [3, i64(rowCount)],
    [4, list("struct", chunks.length === 0 ? [] : [rowGroup(rowCount, chunks)])],
    [
      5,
      list("struct", [
        keyValue(DATA_FILE_PATH_KEY, dataFilePath),
        keyValue("writer.model.name", WRITER_NAME),
      ]),
    ],
    [6, text(`${WRITER_NAME} version ${SIDECAR_WRITER_VERSION}`)],
    [
      7,
      list(
        "struct",
        SIDECAR_COLUMNS.map(() => TYPE_DEFINED_ORDER),
      ),
    ],
  );
}

function rootElement(): ThriftValue {
  return struct([4, text(SIDECAR_ROOT_NAME)], [5, i32(SIDECAR_COLUMNS.length)]);
}

function schemaElement(column: SidecarColumn): ThriftValue {
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

function convertedType(annotation: SidecarAnnotation): number {
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
function logicalType(annotation: SidecarAnnotation): ThriftValue {
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

function rowGroup(rowCount: number, chunks: readonly PlacedChunk[]): ThriftValue {
  const byteCount = chunks.reduce((sum, { chunk }) => sum + chunk.bytes.length, 0);
  return struct(
    [
      1,
      list(
        "struct",
        SIDECAR_COLUMNS.map((column, i) => columnChunk(column, rowCount, chunks[i])),
      ),
    ],
    [2, i64(byteCount)],
    [3, i64(rowCount)],
    [5, i64(chunks[0]?.offset ?? 0)],
    [6, i64(byteCount)],
    [7, { type: "i16", value: 0 }],
  );
}

function columnChunk(column: SidecarColumn, rowCount: number, placed: PlacedChunk | undefined): ThriftValue {
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
