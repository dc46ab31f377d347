import type { FileContent } from "../model/index.ts";

/**
 * What a table format must answer about one snapshot. `delta/`, `iceberg/` and `bare/` implement it; the capture engine and
 * the planner of the embedded control plane use nothing else of a table.
 */
export interface TableSnapshot {
  readonly format: "delta" | "iceberg" | "parquet";
  readonly snapshotId: bigint;
  /** Every column that can have statistics under the group's policy, in schema order, with ids by the generation's rule. */
  readonly columns: readonly SnapshotColumn[];
  /**
   * The files of the snapshot, in the reference's scan order. With `only`, those whose path is in the set; paths in it that
   * the snapshot lacks are left out without error (05 §1, 04 §6).
   */
  files(options: {
    readonly only?: ReadonlySet<string>;
    readonly signal: AbortSignal;
  }): Promise<readonly TableFile[]>;
  /** All files in the same order, in batches: bounded memory, however many there are. */
  scan(options: { readonly signal: AbortSignal }): AsyncIterable<readonly TableFile[]>;
  /** What a plan needs of the same files, read without their figures; files that are only recorded are left out. */
  list(options: { readonly signal: AbortSignal }): AsyncIterable<readonly ListedFile[]>;
  /**
   * What a selector names in the data files: of `capture --columns`, whose users know logical names, while the page index is
   * selected by physical ones (06 §2.2). Undefined: it names no column.
   */
  locateColumn(selector: string): ColumnLocation | undefined;
  /**
   * Distinct values that the table's own metadata holds, by column id, for every included column; each file's record then
   * shows them and no file is scanned (04 §12.1). Undefined, or no such method: files are scanned.
   */
  ndvFromMetadata?(options: {
    /** Nominal entries of a sketch (07 §6.1). */
    readonly thetaK: number;
    readonly signal: AbortSignal;
  }): Promise<ReadonlyMap<bigint, MetadataNdv> | undefined>;
}

export type ListedFile = Pick<TableFile, "path" | "sizeBytes">;

/** Where a column is in the data files: by field id in a file that has them, by its path in one that hasn't. */
export interface ColumnLocation {
  /** Names below the root joined with `.`. */
  readonly path: string;
  readonly fieldId: number | undefined;
}

/** Distinct values of a column of the whole table (04 §12.4). */
export interface MetadataNdv {
  readonly estimate: number;
  /** Theta sketch in its compact form (07 §6.6). */
  readonly sketch: Uint8Array;
  /** For `NdvApprox.properties`. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface SnapshotColumn {
  /** 0n if the column has none: it is then left out of records (07 §5.1). */
  readonly columnId: bigint;
  readonly displayName: string;
  /** Canonical text (07 §1.2). */
  readonly logicalType: string;
  /** Name of the top-level field in the data files (physical under column mapping); undefined for a nested column. */
  readonly topLevelName: string | undefined;
  /** Id of that field, where the table finds columns by id and not by name (decision 29). */
  readonly topLevelFieldId?: number | undefined;
  readonly fieldId: number | undefined;
  /** Asked for by selectors or scope (05 §8.1, 04 §10): it has an entry in every FILE record, and NDV and width. */
  readonly included: boolean;
}

/** How to turn a footer into metrics: plain data, shared by all files of a snapshot. */
export interface FooterPlan {
  readonly columns: readonly FooterColumn[];
  /**
   * Only for tables without a format (decision 37): top-level name → type that the column must have where a file has it. A
   * file in which it has another fails.
   */
  readonly topLevelTypes?: ReadonlyMap<string, string>;
}

export interface FooterColumn {
  readonly columnId: bigint;
  /** Canonical text of the column's type (07 §1.2). */
  readonly logicalType: string;
  /** A top-level leaf is matched by its name in the file, or by field id where the table maps by id (decision 29). */
  readonly match:
    | { readonly by: "name"; readonly name: string }
    | { readonly by: "field-id"; readonly fieldId: number };
}

/** One file of a snapshot, as the table's metadata describes it. */
export interface TableFile {
  /** The string that plans and records use. */
  readonly path: string;
  readonly content: FileContent;
  /** `PARQUET` for a data file, `""` for delete files and deletion vectors (07 §8.3). */
  readonly format: string;
  readonly sizeBytes: bigint;
  readonly partitionDataJson: string;
  readonly partitionSpecId: number;
  readonly equalityFieldIds: readonly number[];
  readonly sequenceNumber: bigint | undefined;
  /**
   * `metadata`: the table's metadata gives the metrics. `footer`: they come from the file's footer (05 §7.3, decision 37),
   * by `footerMetrics(footer, plan)`, which runs in the capture thread that reads the file: hence plain data, no function.
   */
  readonly metrics:
    | { readonly source: "metadata"; readonly metrics: FileMetrics }
    | { readonly source: "footer"; readonly plan: FooterPlan };
  /** False for files that are only recorded, never opened (deletion vectors). */
  readonly readable: boolean;
}

export interface FileMetrics {
  readonly rowCount: bigint;
  /** By column id. Only what is known; bounds already encoded (07 §3). */
  readonly columns: ReadonlyMap<bigint, ColumnMetrics>;
}

export interface ColumnMetrics {
  /** Where it differs from the file's row count (Iceberg `value_counts`). */
  readonly rowCount?: bigint;
  readonly nullCount?: bigint;
  readonly nanCount?: bigint;
  readonly min?: string;
  readonly max?: string;
}
