import { setImmediate as nextTurn } from "node:timers/promises";
import { type CapturePolicy, FILE_CONTENT, TableError } from "../../model/index.ts";
import { batchesOf } from "../batches.ts";
import type { TableFile, TableSnapshot } from "../snapshot.ts";
import {
  type IcebergColumn,
  locateColumn,
  plannerFields,
  selectedFieldIds,
  snapshotColumns,
  snapshotSchemas,
} from "./columns.ts";
import {
  findSnapshot,
  type IcebergTable,
  type IcebergTableOptions,
  loadIcebergTable,
  tableWithSnapshot,
} from "./iceberg-table.ts";
import {
  createManifestCache,
  liveEntries,
  type Manifest,
  type ManifestCache,
  type ManifestEntry,
  type ManifestRef,
  readEntry,
} from "./manifests/index.ts";
import {
  type IcebergSnapshotEntry,
  type IcebergType,
  type PartitionSpec,
  type TableMetadata,
  visitFields,
} from "./metadata/index.ts";
import { fileMetrics } from "./metrics.ts";
import { hasParquetSuffix } from "./options.ts";
import { partitionDataJson } from "./partition.ts";
import { puffinNdv } from "./puffin-ndv.ts";

/** One snapshot of an Iceberg table under a group's policy (04 §1). */
export interface IcebergSnapshot extends TableSnapshot {
  readonly format: "iceberg";
  ndvFromMetadata: NonNullable<TableSnapshot["ndvFromMetadata"]>;
  readonly columns: readonly IcebergColumn[];
  readonly table: IcebergTable;
}

export interface IcebergOptions extends IcebergTableOptions {
  /** `latest`: the table's current snapshot. */
  readonly snapshotId: bigint | "latest";
  readonly policy: CapturePolicy;
  /** Shared by the groups of a process; own to this snapshot if absent. */
  readonly cache?: ManifestCache;
  /** Told what is left out of the result because it can't be read (decision 34). */
  readonly warn?: (message: string) => void;
}

/**
 * Opens a snapshot by id, on any branch (04 §4). Undefined where the contract wants an empty result without error: the table
 * lacks the snapshot, or its id is negative (04 §1).
 */
export async function openIceberg(options: IcebergOptions): Promise<IcebergSnapshot | undefined> {
  if (options.snapshotId !== "latest" && options.snapshotId < 0n) return undefined;
  const opened = await loadIcebergTable(options);
  const snapshotId = options.snapshotId === "latest" ? opened.metadata.currentSnapshotId : options.snapshotId;
  if (snapshotId === undefined) return undefined;
  // A catalog's metadata has every snapshot that there is; files beside it need not be readable at all.
  const mayBeElsewhere = opened.source === "filesystem" && findSnapshot(opened, snapshotId) === undefined;
  const table = mayBeElsewhere
    ? await tableWithSnapshot(opened, snapshotId, options.store, options.signal)
    : opened;
  const snapshot = table === undefined ? undefined : findSnapshot(table, snapshotId);
  if (table === undefined || snapshot === undefined) return undefined;
  return describeSnapshot(table, snapshot, options);
}

function describeSnapshot(
  table: IcebergTable,
  snapshot: IcebergSnapshotEntry,
  opening: IcebergOptions,
): IcebergSnapshot {
  const { snapshotId } = snapshot;
  const schemas = snapshotSchemas(table.metadata, snapshot, opening.generation);
  // A selector's error is plain, the field map's is wrapped (04 §18).
  const selected = selectedFieldIds(schemas.selection, opening.policy);
  const planner = inPhase([`Stats compute failed for snapshot ${snapshotId}`], () => plannerFields(schemas));
  const columns = snapshotColumns(schemas, planner, selected);
  const columnsById = new Map(columns.map((column) => [column.fieldId, column]));
  const sourceTypes = fieldTypes(table.metadata);
  const source = {
    store: opening.store,
    cache: opening.cache ?? createManifestCache(),
    scope: cacheScope(opening),
  };
  const phases = [
    `Stats compute failed for snapshot ${snapshotId}`,
    `Iceberg planning failed (snapshot ${snapshotId})`,
  ];
  /** Data manifests come before delete manifests, so that data files do too. */
  async function* batches(wanted: { readonly only?: ReadonlySet<string>; readonly signal: AbortSignal }) {
    // A data manifest of an odd writer may hold deletes: they wait until all data has been given out.
    const deletes: TableFile[] = [];
    try {
      for await (const { ref, manifest, entries } of liveEntries(snapshot, source, wanted)) {
        const spec = specOf(table.metadata, ref);
        for (const places of batchesOf(entries)) {
          const data: TableFile[] = [];
          for (const place of places) {
            const entry = readEntry(manifest, place);
            if (entry.content !== "data") deletes.push(deleteFile(entry, ref));
            else data.push(dataFile(entry, { ref, manifest, spec, sourceTypes, columnsById }));
          }
          if (data.length > 0) yield data;
          await nextTurn();
        }
      }
      if (deletes.length > 0) yield deletes;
    } catch (error) {
      throw wanted.signal.aborted ? error : wrapped(phases, error);
    }
  }

  return {
    format: "iceberg",
    snapshotId,
    columns,
    table,
    locateColumn: (selector) => locateColumn(schemas.selection, selector),
    async files({ only, signal }) {
      const files: TableFile[] = [];
      for await (const batch of batches(only === undefined ? { signal } : { only, signal }))
        files.push(...batch);
      return files;
    },
    scan: batches,
    async *list(options) {
      for await (const batch of batches(options)) yield batch.filter(isPlanned);
    },
    async ndvFromMetadata({ thetaK, signal }) {
      // The reference reads the metadata again as plain JSON: a gzip file has no statistics to it (04 §12.2).
      if (table.compressed) return undefined;
      const asked = columns.filter((column) => column.included && planner.has(column.fieldId));
      return await puffinNdv(
        {
          store: opening.store,
          snapshotId,
          statistics: table.metadata.statistics,
          columns: asked.map(({ fieldId, columnId, displayName }) => ({
            fieldId,
            columnId,
            name: displayName,
          })),
          thetaK,
          warn: opening.warn ?? (() => {}),
        },
        signal,
      );
    },
  };
}

/** 04 §6: Parquet data files, by format or suffix, and delete files with such a suffix. */
function isPlanned({ format, path, readable }: TableFile): boolean {
  return readable && (format.toUpperCase() === "PARQUET" || hasParquetSuffix(path));
}

/** Groups with the same table behind the same store share manifests, whatever their credentials of the hour are. */
function cacheScope({ uri, properties }: IcebergOptions): string {
  return JSON.stringify([uri, properties["s3.endpoint"], properties["fs.floecat.test-root"]]);
}

function specOf(metadata: TableMetadata, ref: ManifestRef): PartitionSpec {
  const spec = metadata.specs.get(ref.specId);
  if (spec === undefined) {
    throw new TableError(
      `Manifest ${ref.path} is of partition spec ${ref.specId}, which the table's metadata lacks`,
    );
  }
  return spec;
}

interface DataFileContext {
  readonly ref: ManifestRef;
  readonly manifest: Manifest;
  readonly spec: PartitionSpec;
  readonly sourceTypes: ReadonlyMap<number, IcebergType>;
  readonly columnsById: ReadonlyMap<number, IcebergColumn>;
}

/** 04 §14. Metrics are decoded when they are looked at: a plan of a million files needs none of them. */
function dataFile(entry: ManifestEntry, context: DataFileContext): TableFile {
  const { ref, manifest, spec, sourceTypes, columnsById } = context;
  return {
    path: entry.filePath,
    content: FILE_CONTENT.data,
    format: entry.fileFormat,
    sizeBytes: entry.fileSizeBytes,
    partitionDataJson: partitionDataJson(spec, entry.partition, (sourceId) => sourceTypes.get(sourceId)),
    partitionSpecId: spec.specId,
    equalityFieldIds: [],
    sequenceNumber: fileSequenceNumber(entry, ref),
    get metrics() {
      const metrics = fileMetrics(entry.metrics, entry.recordCount, columnsById, manifest.path);
      return { source: "metadata", metrics } as const;
    },
    readable: true,
  };
}

/** 04 §15. QUIRK (must match): format, partition and spec are blank, whatever the manifest says. */
function deleteFile(entry: ManifestEntry, ref: ManifestRef): TableFile {
  const equality = entry.content === "equality-deletes";
  if (equality && entry.equalityIds === undefined) {
    throw new TableError(`Equality delete file ${entry.filePath} has no equality ids`);
  }
  return {
    path: entry.filePath,
    content: equality ? FILE_CONTENT.equalityDeletes : FILE_CONTENT.positionDeletes,
    format: "",
    sizeBytes: entry.fileSizeBytes,
    partitionDataJson: "",
    partitionSpecId: 0,
    equalityFieldIds: equality ? (entry.equalityIds ?? []) : [],
    sequenceNumber: fileSequenceNumber(entry, ref),
    metrics: { source: "metadata", metrics: { rowCount: entry.recordCount, columns: new Map() } },
    // A deletion vector lives in a Puffin file, which is nothing to open as Parquet.
    readable: entry.fileFormat !== "PUFFIN",
  };
}

/** 04 §5: an entry without its own number inherits the manifest's if it was added there, or the manifest has none. */
function fileSequenceNumber(entry: ManifestEntry, ref: ManifestRef): bigint | undefined {
  const inherits = entry.added || ref.sequenceNumber === 0n;
  const number = entry.fileSequenceNumber ?? (inherits ? ref.sequenceNumber : 0n);
  return number > 0n ? number : undefined;
}

/** Types by field id: the current schema's, else that of any schema that still has the field. */
function fieldTypes(metadata: TableMetadata): ReadonlyMap<number, IcebergType> {
  const types = new Map<number, IcebergType>();
  for (const schema of [metadata.currentSchema, ...metadata.schemas.values()]) {
    for (const { field } of visitFields(schema.fields))
      if (!types.has(field.id)) types.set(field.id, field.type);
  }
  return types;
}

function inPhase<T>(phases: readonly string[], run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw wrapped(phases, error);
  }
}

/** The reference's wrappers around an error, outermost first (04 §18). */
function wrapped(phases: readonly string[], error: unknown): unknown {
  return phases.reduceRight((cause, text) => new TableError(text, { cause }), error);
}
