import type { CapturePolicy, Generation } from "../../src/model/index.ts";
import { type IcebergSnapshot, openIceberg } from "../../src/table/iceberg/index.ts";
import type { TableFile } from "../../src/table/index.ts";
import {
  type EntryInput,
  type ListedManifest,
  manifest,
  manifestList,
  memoryStore,
} from "./iceberg-builder.ts";

/** Small Iceberg tables in memory, opened with one rule of 04 in view. */

export const { signal } = new AbortController();

export const POLICY: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "first-n",
  maxDefaultColumns: 32,
  properties: {},
};

export const selecting = (...selectors: string[]): CapturePolicy => ({
  ...POLICY,
  columns: selectors.map((selector) => ({ selector, captureStats: true, captureIndex: false })),
});

type FieldJson = { id: number; name: string; type: unknown };

export const field = (id: number, name: string, type: unknown): FieldJson => ({ id, name, type });

/** A table at s3://b/t with one snapshot, id 42. */
export interface TableInput {
  readonly schemas?: readonly { readonly id: number; readonly fields: readonly FieldJson[] }[];
  readonly currentSchema?: number;
  readonly snapshotSchema?: number;
  readonly specs?: readonly object[];
  readonly entries?: readonly EntryInput[];
  readonly deletes?: readonly EntryInput[];
  readonly listed?: Partial<ListedManifest>;
  readonly partitionFields?: readonly object[];
}

export function tableObjects(input: TableInput): Record<string, Uint8Array | string> {
  const schemas = input.schemas ?? [{ id: 0, fields: [field(1, "a", "int")] }];
  const manifests: ListedManifest[] = [{ manifest_path: "s3://b/t/metadata/m0.avro", ...input.listed }];
  if (input.deletes)
    manifests.push({ manifest_path: "s3://b/t/metadata/d0.avro", content: 1, sequence_number: 3 });
  const partitions = input.partitionFields === undefined ? {} : { partitionFields: input.partitionFields };
  return {
    "s3://b/t/metadata/00001-x.metadata.json": JSON.stringify({
      "format-version": 2,
      "current-schema-id": input.currentSchema ?? schemas[0]?.id,
      schemas: schemas.map(({ id, fields }) => ({ type: "struct", "schema-id": id, fields })),
      "partition-specs": input.specs ?? [{ "spec-id": 0, fields: [] }],
      "current-snapshot-id": 42,
      snapshots: [
        {
          "snapshot-id": 42,
          "sequence-number": 3,
          "schema-id": input.snapshotSchema ?? schemas[0]?.id,
          summary: { operation: "append" },
          "manifest-list": "s3://b/t/metadata/snap-42.avro",
        },
      ],
    }),
    "s3://b/t/metadata/snap-42.avro": manifestList(manifests),
    "s3://b/t/metadata/m0.avro": manifest(input.entries ?? [{ path: "s3://b/t/a.parquet" }], partitions),
    ...(input.deletes ? { "s3://b/t/metadata/d0.avro": manifest(input.deletes) } : {}),
  };
}

export interface OpenOptions {
  readonly uri?: string;
  readonly generation?: Generation;
  readonly policy?: CapturePolicy;
  readonly snapshotId?: bigint | "latest";
  readonly properties?: Record<string, string>;
}

export function open(objects: Record<string, Uint8Array | string>, options: OpenOptions = {}) {
  return openIceberg({
    store: memoryStore(objects),
    uri: options.uri ?? "s3://b/t",
    properties: { "iceberg.source": "filesystem", ...options.properties },
    generation: options.generation ?? "chunked",
    snapshotId: options.snapshotId ?? 42n,
    policy: options.policy ?? POLICY,
    signal,
  });
}

export async function opened(input: TableInput, options?: OpenOptions): Promise<IcebergSnapshot> {
  const snapshot = await open(tableObjects(input), options);
  if (snapshot === undefined) throw new Error("the snapshot is absent");
  return snapshot;
}

export const included = (snapshot: IcebergSnapshot) =>
  snapshot.columns.filter((c) => c.included).map((c) => c.fieldId);

/** Ids that a FILE record of the file has: those included, and those with any metric (04 §10.3). */
export function recordedIds(snapshot: IcebergSnapshot, file: TableFile | undefined): bigint[] {
  const metrics = metricsOf(file);
  return snapshot.columns
    .filter((column) => column.included || metrics.columns.has(column.columnId))
    .map((column) => column.columnId);
}

export function metricsOf(file: TableFile | undefined) {
  if (file?.metrics.source !== "metadata") throw new Error("no metrics");
  return file.metrics.metrics;
}

export async function filesOf(snapshot: IcebergSnapshot, ...only: string[]) {
  return await snapshot.files(only.length === 0 ? { signal } : { only: new Set(only), signal });
}
