import {
  type CapturePolicy,
  type CrcMode,
  FILE_CONTENT,
  type Generation,
  type ResourceId,
} from "../model/index.ts";
import { isRemotePath, type StoreSettings } from "../storage/index.ts";
import {
  type ColumnLocation,
  hasParquetSuffix,
  type MetadataNdv,
  type SnapshotColumn,
  type TableFile,
} from "../table/index.ts";
import { isJavaBlank, javaTrim } from "../types/index.ts";
import type { DistinctSettings } from "./distinct-settings.ts";
import type { FileTask, IndexedColumns } from "./task.ts";

/** One group of files to capture, with everything that its records say. */
export interface CaptureRequest {
  readonly generation: Generation;
  readonly tableId: ResourceId;
  readonly snapshotId: bigint;
  readonly policy: CapturePolicy;
  readonly columns: readonly SnapshotColumn[];
  readonly store: StoreSettings;
  /** Where the columns of the page index are; absent: the policy's selectors are physical paths (06 §2.2). */
  readonly indexedAt?: readonly ColumnLocation[];
  readonly distinct: DistinctSettings | undefined;
  /** Distinct values that the table's metadata gives of every included column: no file is scanned for them (04 §12). */
  readonly metadataNdv: ReadonlyMap<bigint, MetadataNdv> | undefined;
  readonly crc: CrcMode;
  /** The one clock reading of the group: `created_at`, `refreshed_at`, `captured_at_ms` (07 §6.7, 06 §5.1). */
  readonly nowMs: number;
}

/** A file to capture. */
export interface PlannedFile extends TableFile {
  /** Planned, but not in the snapshot: it is indexed, and has no record (06 §1). */
  readonly indexOnly?: boolean;
}

/** Statistics of any kind are asked for: FILE records are made then (decision 8). */
export function wantsStats(policy: CapturePolicy): boolean {
  return policy.outputs.has("table") || policy.outputs.has("file") || policy.outputs.has("column");
}

/** Index selectors (06 §2.2): trimmed, non-blank, distinct; none means every column. */
function indexedColumns({ policy, indexedAt }: CaptureRequest): IndexedColumns {
  if (indexedAt !== undefined) return { by: "location", locations: indexedAt };
  const paths = new Set<string>();
  for (const column of policy.columns) {
    const selector = javaTrim(column.selector);
    if (column.captureIndex && selector !== "") paths.add(selector);
  }
  return paths.size === 0 ? { by: "all" } : { by: "path", paths: [...paths] };
}

/**
 * Columns that get a width and distinct values (07 §6.2): included ones that are top-level, less those whose name occurs more
 * than once among the included columns, nested ones counted.
 */
export function scannedNames(columns: readonly SnapshotColumn[]): readonly string[] {
  const holders = new Map<string, number>();
  for (const column of columns) {
    if (column.included) holders.set(column.displayName, (holders.get(column.displayName) ?? 0) + 1);
  }
  return columns
    .filter(
      (column) =>
        column.included && !isJavaBlank(column.displayName) && holders.get(column.displayName) === 1,
    )
    .flatMap((column) => (column.topLevelName === undefined ? [] : [column.topLevelName]));
}

/** Pages of some file may have to be decoded. */
export function wantsPages(request: CaptureRequest): boolean {
  return request.policy.outputs.has("page-index") || request.distinct !== undefined;
}

/**
 * The work that a file needs in a capture thread; `sampled`: its distinct values are wanted, if any file's are. Undefined if
 * the table's metadata answers everything.
 */
export function fileTasks(
  request: CaptureRequest,
): (file: TableFile, sampled: boolean) => FileTask | undefined {
  const { policy, store, crc } = request;
  const stats = wantsStats(policy);
  const index = policy.outputs.has("page-index") ? { columns: indexedColumns(request) } : undefined;
  const scanned = stats ? scannedNames(request.columns) : [];
  const fieldIds = fieldIdsOf(request.columns);
  return (file, sampled) => {
    if (!file.readable) return undefined;
    const isParquet = file.format.toUpperCase() === "PARQUET" || hasParquetSuffix(file.path);
    const isScanned = isParquet && file.content === FILE_CONTENT.data && scanned.length > 0;
    const task: FileTask = {
      path: file.path,
      store,
      remoteBytes: isRemotePath(store, file.path) ? Number(file.sizeBytes) : undefined,
      footerPlan: stats && file.metrics.source === "footer" ? file.metrics.plan : undefined,
      widthNames: isScanned && request.generation === "chunked" ? scanned : [],
      distinct: isScanned && sampled ? distinctTask(request.distinct, file, scanned) : undefined,
      index: isParquet ? index : undefined,
      crc,
      ...(fieldIds && { fieldIds }),
    };
    const isNeeded =
      task.footerPlan !== undefined ||
      task.widthNames.length > 0 ||
      task.distinct !== undefined ||
      task.index !== undefined;
    return isNeeded ? task : undefined;
  };
}

/** Undefined where the table finds columns by name. */
function fieldIdsOf(columns: readonly SnapshotColumn[]): ReadonlyMap<string, number> | undefined {
  const ids = columns.flatMap(({ topLevelName: name, topLevelFieldId: id }) =>
    name === undefined || id === undefined ? [] : [[name, id] as const],
  );
  return ids.length === 0 ? undefined : new Map(ids);
}

function distinctTask(
  settings: DistinctSettings | undefined,
  file: TableFile,
  names: readonly string[],
): FileTask["distinct"] {
  if (settings === undefined || (settings.suffixedOnly && !hasParquetSuffix(file.path))) return undefined;
  return { names, k: settings.k };
}
