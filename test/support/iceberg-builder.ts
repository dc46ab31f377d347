import { SourceMissingError } from "../../src/model/index.ts";
import type { ObjectHandle, ObjectStore } from "../../src/storage/object-store.ts";
import { type AvroFileOptions, type AvroJson, avroFile } from "./avro-builder.ts";

/** Builds manifest lists, manifests and whole tables of Iceberg in memory, for tests of one rule at a time. */

const optional = (type: AvroJson): AvroJson => ["null", type];

function field(name: string, id: number, type: AvroJson): object {
  return { name, type, "field-id": id };
}

function intKeyed(name: string, value: AvroJson, keyId: number): AvroJson {
  const items = {
    type: "record",
    name: `${name}_entry`,
    fields: [field("key", keyId, "int"), field("value", keyId + 1, value)],
  };
  return { type: "array", logicalType: "map", items };
}

export const MANIFEST_LIST_SCHEMA = {
  type: "record",
  name: "manifest_file",
  fields: [
    field("manifest_path", 500, "string"),
    field("manifest_length", 501, "long"),
    field("partition_spec_id", 502, "int"),
    field("content", 517, "int"),
    field("sequence_number", 515, "long"),
    field("added_snapshot_id", 503, "long"),
    field("added_files_count", 504, optional("int")),
    field("existing_files_count", 505, optional("int")),
  ],
};

export interface ListedManifest {
  readonly manifest_path: string;
  readonly partition_spec_id?: number;
  readonly content?: 0 | 1;
  readonly sequence_number?: number;
  readonly added_files_count?: number | null;
  readonly existing_files_count?: number | null;
}

export function manifestList(manifests: readonly ListedManifest[], options?: AvroFileOptions): Uint8Array {
  return avroFile(MANIFEST_LIST_SCHEMA, manifests, options);
}

/** Schema of an entry whose partition tuple has the given Avro fields (`field-id` 1000 and up). */
export function manifestSchema(partitionFields: readonly object[] = []): { readonly [key: string]: unknown } {
  const dataFile = {
    type: "record",
    name: "r2",
    fields: [
      field("content", 134, "int"),
      field("file_path", 100, "string"),
      field("file_format", 101, "string"),
      field("partition", 102, { type: "record", name: "r102", fields: partitionFields }),
      field("record_count", 103, "long"),
      field("file_size_in_bytes", 104, "long"),
      field("column_sizes", 108, optional(intKeyed("sizes", "long", 117))),
      field("value_counts", 109, optional(intKeyed("values", "long", 119))),
      field("null_value_counts", 110, optional(intKeyed("nulls", "long", 121))),
      field("nan_value_counts", 137, optional(intKeyed("nans", "long", 138))),
      field("lower_bounds", 125, optional(intKeyed("lower", "bytes", 126))),
      field("upper_bounds", 128, optional(intKeyed("upper", "bytes", 129))),
      field("equality_ids", 135, optional({ type: "array", items: "int", "element-id": 136 })),
    ],
  };
  return {
    type: "record",
    name: "manifest_entry",
    fields: [
      field("status", 0, "int"),
      field("snapshot_id", 1, optional("long")),
      field("sequence_number", 3, optional("long")),
      field("file_sequence_number", 4, optional("long")),
      field("data_file", 2, dataFile),
    ],
  };
}

export interface EntryInput {
  readonly status?: 0 | 1 | 2;
  readonly fileSequenceNumber?: number | null;
  readonly content?: 0 | 1 | 2;
  readonly path: string;
  readonly format?: string;
  readonly partition?: Readonly<Record<string, unknown>>;
  readonly rows?: number | bigint;
  readonly size?: number | bigint;
  readonly valueCounts?: Readonly<Record<number, number | bigint>>;
  readonly nullCounts?: Readonly<Record<number, number | bigint>>;
  readonly nanCounts?: Readonly<Record<number, number | bigint>>;
  /** Hexadecimal single-value bytes by field id. */
  readonly lower?: Readonly<Record<number, string>>;
  readonly upper?: Readonly<Record<number, string>>;
  readonly equalityIds?: readonly number[];
}

export function manifest(
  entries: readonly EntryInput[],
  options: AvroFileOptions & { readonly partitionFields?: readonly object[] } = {},
): Uint8Array {
  return avroFile(manifestSchema(options.partitionFields), entries.map(entryRecord), options);
}

export function entryRecord(entry: EntryInput): object {
  const counts = (map: Readonly<Record<number, number | bigint>> | undefined) =>
    map && Object.entries(map).map(([key, value]) => ({ key: Number(key), value }));
  const bounds = (map: Readonly<Record<number, string>> | undefined) =>
    map && Object.entries(map).map(([key, hex]) => ({ key: Number(key), value: Buffer.from(hex, "hex") }));
  return {
    status: entry.status ?? 1,
    snapshot_id: 1,
    sequence_number: null,
    file_sequence_number: entry.fileSequenceNumber ?? null,
    data_file: {
      content: entry.content ?? 0,
      file_path: entry.path,
      file_format: entry.format ?? "PARQUET",
      partition: entry.partition ?? {},
      record_count: entry.rows ?? 1,
      file_size_in_bytes: entry.size ?? 100,
      column_sizes: null,
      value_counts: counts(entry.valueCounts),
      null_value_counts: counts(entry.nullCounts),
      nan_value_counts: counts(entry.nanCounts),
      lower_bounds: bounds(entry.lower),
      upper_bounds: bounds(entry.upper),
      equality_ids: entry.equalityIds,
    },
  };
}

/** A store over objects in memory, which counts what is opened. */
export function memoryStore(objects: Readonly<Record<string, Uint8Array | string>>): ObjectStore & {
  readonly opened: string[];
} {
  const opened: string[] = [];
  const bytesOf = (path: string): Uint8Array => {
    const object = objects[path];
    if (object === undefined) throw new SourceMissingError(`${path} does not exist`);
    return typeof object === "string" ? new TextEncoder().encode(object) : object;
  };
  return {
    opened,
    async open(path, { signal }) {
      signal.throwIfAborted();
      opened.push(path);
      const bytes = bytesOf(path);
      const handle: ObjectHandle = {
        path,
        size: bytes.length,
        etag: undefined,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
      return handle;
    },
    async *list(prefix, { recursive }) {
      for (const path of Object.keys(objects).sort()) {
        if (!path.startsWith(prefix) || (!recursive && path.slice(prefix.length).includes("/"))) continue;
        yield { path, size: bytesOf(path).length, lastModifiedMs: 0 };
      }
    },
  };
}
