import type { ColumnOrder, FileMetadata, ParquetSchema, RowGroup, SchemaLeaf } from "../metadata.ts";
import {
  expectType,
  readI32,
  readListHeader,
  readSafeI64,
  readString,
  readStruct,
  THRIFT,
  type ThriftCursor,
  ThriftError,
  thriftCursor,
} from "../thrift/compact.ts";
import { assignChunks, type RawColumnChunk, readRawColumnChunk } from "./column-chunk.ts";
import { readSchema } from "./schema.ts";

/** Parses the Thrift `FileMetaData` of a footer; throws `ThriftError` on anything that isn't one. */
export function parseFileMetadata(bytes: Uint8Array): Omit<FileMetadata, "footerLength"> {
  const cursor = thriftCursor(bytes);
  let version = 0;
  let schema: ParquetSchema | undefined;
  let rowCount: number | undefined;
  let rawRowGroups: RawRowGroup[] | undefined;
  let keyValueMetadata = new Map<string, string>();
  let createdBy: string | undefined;
  let orders: ColumnOrder[] | undefined;
  readStruct(cursor, (id, type) => {
    switch (id) {
      case 1:
        expectType(cursor, type, THRIFT.i32, "version");
        version = readI32(cursor);
        return true;
      case 2:
        expectType(cursor, type, THRIFT.list, "schema");
        schema = readSchema(cursor);
        return true;
      case 3:
        expectType(cursor, type, THRIFT.i64, "num_rows");
        rowCount = readSafeI64(cursor);
        return true;
      case 4:
        expectType(cursor, type, THRIFT.list, "row_groups");
        rawRowGroups = readRowGroups(cursor);
        return true;
      case 5:
        expectType(cursor, type, THRIFT.list, "key_value_metadata");
        keyValueMetadata = readKeyValues(cursor);
        return true;
      case 6:
        expectType(cursor, type, THRIFT.binary, "created_by");
        createdBy = readString(cursor);
        return true;
      case 7:
        expectType(cursor, type, THRIFT.list, "column_orders");
        orders = readColumnOrders(cursor);
        return true;
      default:
        return false;
    }
  });
  if (schema === undefined) throw new ThriftError("no schema", 0);
  if (rawRowGroups === undefined) throw new ThriftError("no row groups", 0);
  if (rowCount === undefined || rowCount < 0) throw new ThriftError(`row count ${rowCount ?? "missing"}`, 0);
  return {
    version,
    createdBy,
    rowCount,
    schema,
    rowGroups: bindRowGroups(rawRowGroups, schema),
    keyValueMetadata,
    columnOrders: orders === undefined ? undefined : ordersPerLeaf(orders, schema.leaves.length),
  };
}

interface RawRowGroup {
  readonly offset: number;
  readonly chunks: readonly RawColumnChunk[];
  readonly totalByteSize: number;
  readonly rowCount: number;
}

function readRowGroups(cursor: ThriftCursor): RawRowGroup[] {
  const count = readListHeader(cursor, THRIFT.struct);
  const groups: RawRowGroup[] = [];
  for (let index = 0; index < count; index++) groups.push(readRowGroup(cursor, index));
  return groups;
}

function readRowGroup(cursor: ThriftCursor, ordinal: number): RawRowGroup {
  const offset = cursor.offset;
  const chunks: RawColumnChunk[] = [];
  let totalByteSize = 0;
  let rowCount: number | undefined;
  readStruct(cursor, (id, type) => {
    switch (id) {
      case 1: {
        expectType(cursor, type, THRIFT.list, "columns");
        const count = readListHeader(cursor, THRIFT.struct);
        for (let index = 0; index < count; index++) chunks.push(readRawColumnChunk(cursor));
        return true;
      }
      case 2:
        expectType(cursor, type, THRIFT.i64, "total_byte_size");
        totalByteSize = readSafeI64(cursor);
        return true;
      case 3:
        expectType(cursor, type, THRIFT.i64, "row group num_rows");
        rowCount = readSafeI64(cursor);
        return true;
      default:
        return false;
    }
  });
  if (rowCount === undefined || rowCount < 0) {
    throw new ThriftError(`row group ${ordinal} has row count ${rowCount ?? "missing"}`, offset);
  }
  return { offset, chunks, totalByteSize, rowCount };
}

function bindRowGroups(raws: readonly RawRowGroup[], schema: ParquetSchema): RowGroup[] {
  let byPath: Map<string, SchemaLeaf> | undefined;
  const leafByPath = (path: readonly string[]) => {
    byPath ??= new Map(schema.leaves.map((leaf) => [JSON.stringify(leaf.path), leaf]));
    return byPath.get(JSON.stringify(path));
  };
  return raws.map((raw, ordinal) => ({
    ordinal,
    rowCount: raw.rowCount,
    totalByteSize: raw.totalByteSize,
    chunks: assignChunks(raw.chunks, schema.leaves, leafByPath, { rowGroup: ordinal, offset: raw.offset }),
  }));
}

function readKeyValues(cursor: ThriftCursor): Map<string, string> {
  const count = readListHeader(cursor, THRIFT.struct);
  const entries = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    let key = "";
    let value = "";
    readStruct(cursor, (id, type) => {
      if (id !== 1 && id !== 2) return false;
      expectType(cursor, type, THRIFT.binary, "key_value_metadata");
      const text = readString(cursor);
      if (id === 1) key = text;
      else value = text;
      return true;
    });
    entries.set(key, value);
  }
  return entries;
}

/** Only the type-defined order is one whose statistics this reader understands. */
function readColumnOrders(cursor: ThriftCursor): ColumnOrder[] {
  const count = readListHeader(cursor, THRIFT.struct);
  const orders: ColumnOrder[] = [];
  for (let index = 0; index < count; index++) {
    let order: ColumnOrder = "undefined";
    readStruct(cursor, (id) => {
      if (id === 1) order = "type-defined";
      return false;
    });
    orders.push(order);
  }
  return orders;
}

function ordersPerLeaf(orders: readonly ColumnOrder[], leafCount: number): ColumnOrder[] {
  return Array.from({ length: leafCount }, (_, index) => orders[index] ?? "undefined");
}
