import {
  cursorOver,
  DamagedAvroError,
  namingFile,
  openAvro,
  readFields,
  type Wanted,
} from "../avro/index.ts";
import type { IcebergSnapshotEntry } from "../metadata/index.ts";
import { longOf, optionalInt, optionalLong, stringOf } from "./values.ts";

/** A snapshot's manifests, from its list file or, in old v1 tables, from the metadata itself (04 §4, §5). */
export interface ManifestRef {
  readonly path: string;
  readonly specId: number;
  readonly content: "data" | "deletes";
  readonly sequenceNumber: bigint;
  /** Both counts are there and 0: no live entry, never read. */
  readonly empty: boolean;
}

const FIELD = {
  path: 500,
  specId: 502,
  content: 517,
  sequenceNumber: 515,
  addedFiles: 504,
  existingFiles: 505,
} as const;

const WANTED: Wanted = new Map(Object.values(FIELD).map((id) => [id, "value"]));

/** For files whose schema carries no field ids (04 §5); v1 names of the counts included. */
const IDS_BY_NAME: ReadonlyMap<string, number> = new Map([
  ["manifest_path", FIELD.path],
  ["partition_spec_id", FIELD.specId],
  ["content", FIELD.content],
  ["sequence_number", FIELD.sequenceNumber],
  ["added_files_count", FIELD.addedFiles],
  ["added_data_files_count", FIELD.addedFiles],
  ["existing_files_count", FIELD.existingFiles],
  ["existing_data_files_count", FIELD.existingFiles],
]);

/** Decodes the list file at `path`, in its order. */
export function parseManifestList(bytes: Uint8Array, path: string): ManifestRef[] {
  return namingFile(path, () => {
    const { schema, blocks } = openAvro(bytes, path, IDS_BY_NAME);
    if (schema.kind !== "record") throw new DamagedAvroError("its objects are not records");
    const manifests: ManifestRef[] = [];
    for (const block of blocks) {
      const cursor = cursorOver(block.bytes);
      for (let index = 0; index < block.objectCount; index++) {
        const { fields } = readFields(cursor, schema, WANTED);
        const added = optionalInt(fields.get(FIELD.addedFiles), "added_files_count");
        const existing = optionalInt(fields.get(FIELD.existingFiles), "existing_files_count");
        manifests.push({
          path: stringOf(fields.get(FIELD.path), "manifest_path"),
          specId: Number(longOf(fields.get(FIELD.specId), "partition_spec_id")),
          content: optionalInt(fields.get(FIELD.content), "content") === 1 ? "deletes" : "data",
          sequenceNumber: optionalLong(fields.get(FIELD.sequenceNumber), "sequence_number") ?? 0n,
          empty: added === 0 && existing === 0,
        });
      }
    }
    return manifests;
  });
}

/** The manifests that a v1 snapshot names itself: all data, spec 0, sequence 0 (04 §4). */
export function embeddedManifests(paths: readonly string[]): ManifestRef[] {
  return paths.map((path) => ({ path, specId: 0, content: "data", sequenceNumber: 0n, empty: false }));
}

export type SnapshotManifests = IcebergSnapshotEntry["manifests"];
