import { TableError } from "../../../model/index.ts";
import {
  arrayOf,
  intOf,
  isJsonObject,
  type JsonObject,
  longOf,
  objectOf,
  optionalInt,
  optionalString,
  parseJson,
  stringMap,
  stringOf,
} from "./json.ts";
import { type IcebergSchema, parseSchema } from "./types.ts";

/**
 * The parts of a table's metadata JSON that capture uses, in the forms of versions 1 to 4 (04 §4). Lenient about all else.
 * UNKNOWN in the contract: encrypted tables. Their keys are not read, so that an encrypted manifest (list) fails by name as no
 * Avro file, and no figure is made of it.
 */
export interface TableMetadata {
  readonly formatVersion: number;
  readonly location: string | undefined;
  readonly currentSnapshotId: bigint | undefined;
  /** By id. */
  readonly schemas: ReadonlyMap<number, IcebergSchema>;
  readonly currentSchema: IcebergSchema;
  /** By id. */
  readonly specs: ReadonlyMap<number, PartitionSpec>;
  readonly snapshots: readonly IcebergSnapshotEntry[];
  /** As stored: what is wrong in them costs the NDV, never the group (04 §12.2). */
  readonly statistics: readonly unknown[];
}

export interface PartitionSpec {
  readonly specId: number;
  readonly fields: readonly PartitionField[];
}

export interface PartitionField {
  readonly sourceId: number;
  /** Id of the field in the partition tuple, 1000 and up. */
  readonly fieldId: number;
  readonly name: string;
  readonly transform: string;
}

export interface IcebergSnapshotEntry {
  readonly snapshotId: bigint;
  readonly parentSnapshotId: bigint | undefined;
  readonly sequenceNumber: bigint;
  readonly timestampMs: bigint;
  readonly summary: ReadonlyMap<string, string>;
  readonly schemaId: number | undefined;
  /** A list file, or the manifests themselves in old v1 tables. */
  readonly manifests: { readonly listedIn: string } | { readonly paths: readonly string[] };
}

const MAX_FORMAT_VERSION = 4;
const FIRST_PARTITION_FIELD_ID = 1000;

/** Reads the metadata file's text. `location` names it in errors. */
export function parseTableMetadata(text: string, location: string): TableMetadata {
  return tableMetadataOf(parseJson(text, `The Iceberg metadata file ${location}`), location);
}

/** Reads metadata that came as part of a catalog's answer. */
export function tableMetadataOf(value: unknown, location: string): TableMetadata {
  const json = objectOf(value, `metadata from ${location}`);
  const formatVersion = intOf(json["format-version"], "format-version");
  if (formatVersion > MAX_FORMAT_VERSION) {
    throw new TableError(`Cannot read unsupported version ${formatVersion}`, {
      referenceType: "IllegalArgumentException",
    });
  }
  const schemas = parseSchemas(json);
  const current = optionalLong(json["current-snapshot-id"], "current-snapshot-id");
  return {
    formatVersion,
    location: optionalString(json.location),
    // −1 is how old writers say that there is none.
    currentSnapshotId: current === undefined || current < 0n ? undefined : current,
    schemas: schemas.byId,
    currentSchema: schemas.current,
    specs: parseSpecs(json),
    snapshots: arrayOf(json.snapshots, "snapshots").map((entry) =>
      parseSnapshot(objectOf(entry, "snapshot")),
    ),
    statistics: Array.isArray(json.statistics) ? json.statistics : [],
  };
}

function parseSchemas(json: JsonObject): { byId: Map<number, IcebergSchema>; current: IcebergSchema } {
  const byId = new Map<number, IcebergSchema>();
  if (json.schemas === undefined || json.schemas === null) {
    // v1 before schema ids: the single schema (04 §4).
    const only = parseSchema(objectOf(json.schema, "schema"));
    return { byId: byId.set(only.schemaId, only), current: only };
  }
  for (const entry of arrayOf(json.schemas, "schemas")) {
    const schema = parseSchema(objectOf(entry, "schema"));
    byId.set(schema.schemaId, schema);
  }
  const currentId = intOf(json["current-schema-id"], "current-schema-id");
  const current = byId.get(currentId);
  if (current === undefined) {
    throw new TableError(`Cannot find schema with current-schema-id=${currentId} from schemas`, {
      referenceType: "IllegalArgumentException",
    });
  }
  return { byId, current };
}

function parseSpecs(json: JsonObject): Map<number, PartitionSpec> {
  if (json["partition-specs"] === undefined || json["partition-specs"] === null) {
    // v1 before spec ids: the single spec's field array, id 0.
    return new Map([[0, { specId: 0, fields: parsePartitionFields(json["partition-spec"]) }]]);
  }
  const specs = new Map<number, PartitionSpec>();
  for (const entry of arrayOf(json["partition-specs"], "partition-specs")) {
    const spec = objectOf(entry, "partition spec");
    const specId = intOf(spec["spec-id"], "spec-id");
    specs.set(specId, { specId, fields: parsePartitionFields(spec.fields) });
  }
  return specs;
}

function parsePartitionFields(json: unknown): PartitionField[] {
  return arrayOf(json, "partition fields").map((entry, index) => {
    const field = objectOf(entry, "partition field");
    // v3 may give several sources; the first stands for them, the record has room for one id.
    const [firstSource] = arrayOf(field["source-ids"], "source-ids");
    return {
      sourceId: intOf(field["source-id"] ?? firstSource, "partition source-id"),
      fieldId: optionalInt(field["field-id"], "partition field-id") ?? FIRST_PARTITION_FIELD_ID + index,
      name: stringOf(field.name, "partition field name"),
      transform: stringOf(field.transform, "partition transform"),
    };
  });
}

function parseSnapshot(json: JsonObject): IcebergSnapshotEntry {
  const list = optionalString(json["manifest-list"]);
  return {
    snapshotId: longOf(json["snapshot-id"], "snapshot-id"),
    parentSnapshotId: optionalLong(json["parent-snapshot-id"], "parent-snapshot-id"),
    sequenceNumber: optionalLong(json["sequence-number"], "sequence-number") ?? 0n,
    timestampMs: optionalLong(json["timestamp-ms"], "timestamp-ms") ?? 0n,
    summary: isJsonObject(json.summary) ? stringMap(json.summary) : new Map(),
    schemaId: optionalInt(json["schema-id"], "snapshot schema-id"),
    manifests:
      list !== undefined
        ? { listedIn: list }
        : { paths: arrayOf(json.manifests, "manifests").map((path) => stringOf(path, "manifest path")) },
  };
}

function optionalLong(value: unknown, what: string): bigint | undefined {
  return value === undefined || value === null ? undefined : longOf(value, what);
}
