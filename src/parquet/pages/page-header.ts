import {
  expectType,
  isBoolean,
  readBoolean,
  readI32,
  readStruct,
  THRIFT,
  type ThriftCursor,
  ThriftError,
} from "../thrift/compact.ts";

/**
 * `PageHeader` of parquet.thrift (06 §3.3). Sizes and counts are checked to be non-negative, except a v2 page's row count,
 * whose negative values count as 0 (06 §3.4).
 */
export type PageHeader = DictionaryPageHeader | DataPageV1Header | DataPageV2Header | IndexPageHeader;

interface PageSizes {
  /** Bytes of the body as it lies in the file; for v2 pages the levels included. */
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** CRC32 of the body, unsigned; undefined if the writer gave none. */
  readonly crc: number | undefined;
}

export interface DictionaryPageHeader extends PageSizes {
  readonly type: "dictionary";
  readonly valueCount: number;
  /** Number in the `Encoding` enumeration. */
  readonly encoding: number;
}

export interface DataPageV1Header extends PageSizes {
  readonly type: "data-v1";
  /** Nulls included. */
  readonly valueCount: number;
  readonly encoding: number;
  readonly definitionLevelEncoding: number;
  readonly repetitionLevelEncoding: number;
}

export interface DataPageV2Header extends PageSizes {
  readonly type: "data-v2";
  readonly valueCount: number;
  readonly nullCount: number;
  readonly rowCount: number;
  readonly encoding: number;
  readonly definitionLevelsLength: number;
  readonly repetitionLevelsLength: number;
  /** Whether the values (never the levels) are compressed. */
  readonly isCompressed: boolean;
}

export interface IndexPageHeader extends PageSizes {
  readonly type: "index";
}

/** Numbers of the `Encoding` enumeration. */
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;

const PAGE_TYPES = ["data-v1", "index", "dictionary", "data-v2"] as const;

/** Reads one header and leaves the cursor after it; a `ThriftError` with `truncated` means that more bytes are needed. */
export function readPageHeader(cursor: ThriftCursor): PageHeader {
  const at = cursor.offset;
  let type: number | undefined;
  let uncompressedSize: number | undefined;
  let compressedSize: number | undefined;
  let crc: number | undefined;
  let inner: InnerHeader | undefined;
  let innerId = 0;
  readStruct(cursor, (id, fieldType) => {
    if (id >= 1 && id <= 4) {
      expectType(cursor, fieldType, THRIFT.i32, "page header");
      const value = readI32(cursor);
      if (id === 1) type = value;
      else if (id === 2) uncompressedSize = value;
      else if (id === 3) compressedSize = value;
      else crc = value >>> 0;
      return true;
    }
    if (id === 5 || id === 7 || id === 8) {
      expectType(cursor, fieldType, THRIFT.struct, "page header");
      inner = readInnerHeader(cursor);
      innerId = id;
      return true;
    }
    return false;
  });
  const typeName = PAGE_TYPES[type ?? -1];
  if (typeName === undefined) throw new ThriftError(`unknown page type ${type ?? "none"}`, at);
  const sizes = {
    compressedSize: size(compressedSize, "Compressed page size", at),
    uncompressedSize: size(uncompressedSize, "Uncompressed page size", at),
    crc,
  };
  switch (typeName) {
    case "index":
      return { type: "index", ...sizes };
    case "dictionary":
      return { type: "dictionary", ...sizes, ...dictionaryHeader(innerOf(inner, innerId, 7, at), at) };
    case "data-v1":
      return { type: "data-v1", ...sizes, ...dataHeaderV1(innerOf(inner, innerId, 5, at), at) };
    case "data-v2":
      return { type: "data-v2", ...sizes, ...dataHeaderV2(innerOf(inner, innerId, 8, at), at) };
  }
}

/** Fields of the three inner headers by id: 32-bit integers, and `is_compressed`. */
interface InnerHeader {
  readonly integers: readonly (number | undefined)[];
  readonly isCompressed: boolean;
}

function readInnerHeader(cursor: ThriftCursor): InnerHeader {
  const integers: (number | undefined)[] = [];
  let isCompressed = true;
  readStruct(cursor, (id, type) => {
    if (id === 7 && isBoolean(type)) {
      isCompressed = readBoolean(type);
      return true;
    }
    if (id < 1 || id > 6 || type !== THRIFT.i32) return false;
    integers[id] = readI32(cursor);
    return true;
  });
  return { integers, isCompressed };
}

function innerOf(inner: InnerHeader | undefined, innerId: number, expected: number, at: number): InnerHeader {
  if (inner === undefined || innerId !== expected) {
    throw new ThriftError("page header without the part that its page type needs", at);
  }
  return inner;
}

function dictionaryHeader({ integers }: InnerHeader, at: number) {
  return {
    valueCount: count(integers[1], "num_values", at),
    encoding: required(integers[2], "encoding", at),
  };
}

function dataHeaderV1({ integers }: InnerHeader, at: number) {
  return {
    valueCount: count(integers[1], "num_values", at),
    encoding: required(integers[2], "encoding", at),
    definitionLevelEncoding: required(integers[3], "definition_level_encoding", at),
    repetitionLevelEncoding: required(integers[4], "repetition_level_encoding", at),
  };
}

function dataHeaderV2({ integers, isCompressed }: InnerHeader, at: number) {
  return {
    valueCount: count(integers[1], "num_values", at),
    nullCount: required(integers[2], "num_nulls", at),
    rowCount: Math.max(0, required(integers[3], "num_rows", at)),
    encoding: required(integers[4], "encoding", at),
    definitionLevelsLength: count(integers[5], "definition_levels_byte_length", at),
    repetitionLevelsLength: count(integers[6], "repetition_levels_byte_length", at),
    isCompressed,
  };
}

function required(value: number | undefined, field: string, at: number): number {
  if (value === undefined) throw new ThriftError(`page header without ${field}`, at);
  return value;
}

function count(value: number | undefined, field: string, at: number): number {
  const found = required(value, field, at);
  if (found < 0) throw new ThriftError(`page header with ${field} ${found}`, at);
  return found;
}

/** The wording for sizes is the reference's (06 §3.8). */
function size(value: number | undefined, what: string, at: number): number {
  if (value === undefined) throw new ThriftError(`page header without ${what.toLowerCase()}`, at);
  if (value < 0) throw new ThriftError(`${what} must not be negative but was: ${value}`, at);
  return value;
}
