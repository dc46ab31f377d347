import type { ChunkStatistics, ColumnChunk, SchemaLeaf } from "../metadata.ts";
import {
  expectType,
  readBinary,
  readI32,
  readI64,
  readListHeader,
  readSafeI64,
  readString,
  readStruct,
  THRIFT,
  type ThriftCursor,
  ThriftError,
} from "../thrift/compact.ts";
import { CODECS, encodingName, PHYSICAL_TYPES } from "./names.ts";

/** `ColumnMetaData` as it stands in the footer. */
interface ColumnMetadata {
  physicalType: number | undefined;
  encodings: string[];
  path: string[];
  codec: number | undefined;
  valueCount: number | undefined;
  totalUncompressedSize: number | undefined;
  totalCompressedSize: number | undefined;
  dataPageOffset: number | undefined;
  dictionaryPageOffset: number | undefined;
  statistics: ChunkStatistics | undefined;
}

/** A chunk before it is known which leaf it belongs to. */
export interface RawColumnChunk {
  readonly metadata: ColumnMetadata | undefined;
  readonly filePath: string | undefined;
  readonly encrypted: boolean;
}

export function readRawColumnChunk(cursor: ThriftCursor): RawColumnChunk {
  let metadata: ColumnMetadata | undefined;
  let filePath: string | undefined;
  let encrypted = false;
  readStruct(cursor, (id, type) => {
    switch (id) {
      case 1:
        expectType(cursor, type, THRIFT.binary, "chunk file path");
        filePath = readString(cursor);
        return true;
      case 3:
        expectType(cursor, type, THRIFT.struct, "column metadata");
        metadata = readColumnMetadata(cursor);
        return true;
      case 8:
      case 9:
        encrypted = true;
        return false;
      default:
        return false;
    }
  });
  return { metadata, filePath, encrypted };
}

/**
 * Binds a chunk to its leaf. What makes the chunk useless (encryption, another file, an impossible size) is noted in
 * `unreadable` rather than thrown, so that the other chunks of the file stay usable.
 */
export function buildColumnChunk(raw: RawColumnChunk, leaf: SchemaLeaf): ColumnChunk {
  const metadata = raw.metadata;
  return {
    leaf,
    codec: CODECS[metadata?.codec ?? 0] ?? "UNCOMPRESSED",
    valueCount: metadata?.valueCount ?? 0,
    totalCompressedSize: metadata?.totalCompressedSize ?? 0,
    totalUncompressedSize: metadata?.totalUncompressedSize ?? 0,
    dataPageOffset: metadata?.dataPageOffset ?? 0,
    dictionaryPageOffset: metadata?.dictionaryPageOffset,
    encodings: metadata?.encodings ?? [],
    statistics: metadata?.statistics,
    unreadable: whyUnreadable(raw, leaf),
  };
}

function whyUnreadable(raw: RawColumnChunk, leaf: SchemaLeaf): string | undefined {
  if (raw.encrypted) return "the column is encrypted and no keys are available";
  if (raw.filePath !== undefined && raw.filePath !== "")
    return `the column chunk lies in another file, ${raw.filePath}`;
  const metadata = raw.metadata;
  if (metadata === undefined) return "the column chunk has no metadata";
  const physicalType = PHYSICAL_TYPES[metadata.physicalType ?? -1];
  if (physicalType !== leaf.physicalType) {
    return `the column chunk has type ${physicalType ?? metadata.physicalType ?? "none"}, the schema ${leaf.physicalType}`;
  }
  if (metadata.codec === undefined || CODECS[metadata.codec] === undefined) {
    return `unknown compression codec ${metadata.codec ?? "none"}`;
  }
  for (const field of ["valueCount", "totalCompressedSize", "dataPageOffset"] as const) {
    const value = metadata[field];
    if (value === undefined) return `the column chunk has no ${field}`;
    if (value < 0) return `the column chunk has a negative ${field}: ${value}`;
  }
  return undefined;
}

function readColumnMetadata(cursor: ThriftCursor): ColumnMetadata {
  const metadata: ColumnMetadata = {
    physicalType: undefined,
    encodings: [],
    path: [],
    codec: undefined,
    valueCount: undefined,
    totalUncompressedSize: undefined,
    totalCompressedSize: undefined,
    dataPageOffset: undefined,
    dictionaryPageOffset: undefined,
    statistics: undefined,
  };
  readStruct(cursor, (id, type) => {
    switch (id) {
      case 1:
        metadata.physicalType = readTyped(cursor, type, THRIFT.i32, "type", readI32);
        return true;
      case 2:
        metadata.encodings = readTyped(cursor, type, THRIFT.list, "encodings", readEncodings);
        return true;
      case 3:
        metadata.path = readTyped(cursor, type, THRIFT.list, "path_in_schema", readPath);
        return true;
      case 4:
        metadata.codec = readTyped(cursor, type, THRIFT.i32, "codec", readI32);
        return true;
      case 5:
        metadata.valueCount = readTyped(cursor, type, THRIFT.i64, "num_values", readSafeI64);
        return true;
      case 6:
        metadata.totalUncompressedSize = readTyped(
          cursor,
          type,
          THRIFT.i64,
          "total_uncompressed_size",
          readSafeI64,
        );
        return true;
      case 7:
        metadata.totalCompressedSize = readTyped(
          cursor,
          type,
          THRIFT.i64,
          "total_compressed_size",
          readSafeI64,
        );
        return true;
      case 9:
        metadata.dataPageOffset = readTyped(cursor, type, THRIFT.i64, "data_page_offset", readSafeI64);
        return true;
      case 11:
        metadata.dictionaryPageOffset = readTyped(
          cursor,
          type,
          THRIFT.i64,
          "dictionary_page_offset",
          readSafeI64,
        );
        return true;
      case 12:
        metadata.statistics = readTyped(cursor, type, THRIFT.struct, "statistics", readStatistics);
        return true;
      default:
        return false;
    }
  });
  return metadata;
}

function readTyped<Value>(
  cursor: ThriftCursor,
  found: number,
  expected: number,
  field: string,
  read: (cursor: ThriftCursor) => Value,
): Value {
  expectType(cursor, found, expected, field);
  return read(cursor);
}

function readEncodings(cursor: ThriftCursor): string[] {
  const count = readListHeader(cursor, THRIFT.i32);
  const encodings: string[] = [];
  for (let index = 0; index < count; index++) encodings.push(encodingName(readI32(cursor)));
  return encodings;
}

function readPath(cursor: ThriftCursor): string[] {
  const count = readListHeader(cursor, THRIFT.binary);
  const path: string[] = [];
  for (let index = 0; index < count; index++) path.push(readString(cursor));
  return path;
}

/** The byte arrays are views of the footer. */
function readStatistics(cursor: ThriftCursor): ChunkStatistics {
  let min: Uint8Array | undefined;
  let max: Uint8Array | undefined;
  let minValue: Uint8Array | undefined;
  let maxValue: Uint8Array | undefined;
  let nullCount: bigint | undefined;
  let distinctCount: bigint | undefined;
  readStruct(cursor, (id, type) => {
    switch (id) {
      case 1:
        max = readTyped(cursor, type, THRIFT.binary, "statistics max", readBinary);
        return true;
      case 2:
        min = readTyped(cursor, type, THRIFT.binary, "statistics min", readBinary);
        return true;
      case 3:
        nullCount = readTyped(cursor, type, THRIFT.i64, "statistics null_count", readI64);
        return true;
      case 4:
        distinctCount = readTyped(cursor, type, THRIFT.i64, "statistics distinct_count", readI64);
        return true;
      case 5:
        maxValue = readTyped(cursor, type, THRIFT.binary, "statistics max_value", readBinary);
        return true;
      case 6:
        minValue = readTyped(cursor, type, THRIFT.binary, "statistics min_value", readBinary);
        return true;
      default:
        return false;
    }
  });
  return { min, max, minValue, maxValue, nullCount, distinctCount };
}

/** Reads a row group's chunk list and puts the chunks in the order of the schema's leaves. */
export function assignChunks(
  raws: readonly RawColumnChunk[],
  leaves: readonly SchemaLeaf[],
  leafByPath: (path: readonly string[]) => SchemaLeaf | undefined,
  where: { readonly rowGroup: number; readonly offset: number },
): ColumnChunk[] {
  if (raws.length !== leaves.length) {
    throw new ThriftError(
      `row group ${where.rowGroup} has ${raws.length} column chunks for ${leaves.length} columns`,
      where.offset,
    );
  }
  const chunks = new Array<ColumnChunk | undefined>(leaves.length);
  raws.forEach((raw, position) => {
    const leaf = leafOf(raw, leaves[position], leafByPath);
    if (leaf === undefined) {
      throw new ThriftError(
        `row group ${where.rowGroup} has a chunk for the unknown column ${raw.metadata?.path.join(".")}`,
        where.offset,
      );
    }
    if (chunks[leaf.index] !== undefined) {
      throw new ThriftError(
        `row group ${where.rowGroup} has two chunks for column ${leaf.name}`,
        where.offset,
      );
    }
    chunks[leaf.index] = buildColumnChunk(raw, leaf);
  });
  return chunks.filter((chunk) => chunk !== undefined);
}

/** Chunks stand in schema order; a writer that orders them otherwise is followed by path. */
function leafOf(
  raw: RawColumnChunk,
  inPosition: SchemaLeaf | undefined,
  leafByPath: (path: readonly string[]) => SchemaLeaf | undefined,
): SchemaLeaf | undefined {
  const path = raw.metadata?.path;
  if (path === undefined || inPosition === undefined || samePath(path, inPosition.path)) return inPosition;
  return leafByPath(path);
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((element, index) => element === right[index]);
}
