import type { ResourceId } from "./resource.ts";

/**
 * Statistics records in the terms of 07 §8, free of wire types. 64-bit values are `bigint`; `undefined` means "not set",
 * which is not the same as zero (01 §13 hazard 2).
 */
export interface StatsRecord {
  readonly tableId: ResourceId;
  readonly snapshotId: bigint;
  readonly target: StatsTarget;
  /** The metadata envelope of 07 §8.2 is the same for every record that capture makes; absent only in foreign records. */
  readonly metadata: StatsMetadata | undefined;
  readonly value: StatsValue;
}

export type StatsTarget =
  | { readonly kind: "table" }
  | { readonly kind: "column"; readonly columnId: bigint }
  | { readonly kind: "file"; readonly filePath: string };

export type StatsValue =
  | { readonly kind: "table"; readonly table: TableStats }
  | { readonly kind: "scalar"; readonly scalar: ColumnStats }
  | { readonly kind: "file"; readonly file: FileStats };

/** 07 §8.2: producer, completeness and mode as the enum numbers of 01 §5.1. */
export interface StatsMetadata {
  readonly producer: number;
  readonly completeness: number;
  readonly captureMode: number;
}

/** `SPROD_SOURCE_NATIVE`, `SC_COMPLETE`, `SCM_ASYNC`: what every captured record carries (07 §8.2). */
export const CAPTURED_METADATA: StatsMetadata = { producer: 1, completeness: 1, captureMode: 2 };

export interface TableStats {
  readonly rowCount: bigint;
  readonly dataFileCount: bigint;
  readonly totalSizeBytes: bigint;
}

/** `ScalarStats` (01 §5.3): the statistics of one column, of one file or rolled up. */
export interface ColumnStats {
  readonly displayName: string;
  /** Canonical text of 07 §1.2, or `""` for a column without a known type. */
  readonly logicalType: string;
  readonly rowCount: bigint;
  readonly nullCount: bigint | undefined;
  readonly nanCount: bigint | undefined;
  readonly ndv: Ndv | undefined;
  /** Encoded bounds (07 §3); `""` is a present bound. */
  readonly min: string | undefined;
  readonly max: string | undefined;
  /** Chunked only (07 §7). */
  readonly avgWidthBytes: bigint | undefined;
  /** Chunked only; capture makes none, but a roll-up passes those of other programs on (07 §9.3). */
  readonly sketches?: readonly SketchPayload[] | undefined;
  /** In the order in which they are to be written (01 §13 hazard 7). */
  readonly properties: Readonly<Record<string, string>>;
}

/** A sketch that is not an NDV sketch, as chunked carries it (07 §7): passed on, never read. */
export interface SketchPayload {
  /** Number of `SketchRole` (07 §7). */
  readonly role: number;
  readonly sketchType: string;
  readonly data: Uint8Array;
  readonly params: Readonly<Record<string, string>>;
  readonly capturedAtMs: bigint;
  /** Number of `StatsCompleteness`. */
  readonly completeness: number;
}

export interface FileColumnStats {
  readonly columnId: bigint;
  readonly scalar: ColumnStats;
}

/** `FileContent` (01 §5.1), by its enum number. */
export const FILE_CONTENT = { unspecified: 0, data: 1, positionDeletes: 2, equalityDeletes: 3 } as const;
export type FileContent = (typeof FILE_CONTENT)[keyof typeof FILE_CONTENT];

export interface FileStats {
  readonly filePath: string;
  readonly fileFormat: string;
  readonly rowCount: bigint;
  readonly sizeBytes: bigint;
  /** Ascending column id (decision 16). */
  readonly columns: readonly FileColumnStats[];
  readonly fileContent: FileContent;
  readonly partitionDataJson: string;
  readonly partitionSpecId: number;
  readonly equalityFieldIds: readonly number[];
  readonly sequenceNumber: bigint | undefined;
}

/** Number of distinct values (07 §6.7). `approx` is the only mode that capture produces; at most one of the two is set. */
export interface Ndv {
  readonly approx: NdvApprox | undefined;
  readonly exact?: bigint | undefined;
  readonly sketches: readonly NdvSketch[];
}

export interface NdvApprox {
  readonly estimate: number;
  readonly rowsSeen: bigint | undefined;
  readonly rowsTotal: bigint | undefined;
  readonly method: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A serialised sketch: `SketchPayload` in chunked, `NdvSketch` in inline (07 §6.7). */
export interface NdvSketch {
  readonly sketchType: string;
  readonly data: Uint8Array;
  readonly encoding: string;
  readonly compression: string;
  readonly version: number;
  /** Wall clock in ms of the build; one reading a group. */
  readonly capturedAtMs: bigint;
}
