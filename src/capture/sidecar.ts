import { type PageIndexRow, TableError } from "../model/index.ts";
import { writeSidecar } from "../parquet/sidecar/index.ts";
import { isJavaBlank, javaTrim } from "../types/index.ts";

/** A finished sidecar and what its artifact record says of it, so that the rows need not leave the capture thread. */
export interface Sidecar {
  readonly content: Uint8Array;
  readonly summary: PageSummary;
}

/** Figures of a file's page rows (06 §5.3–§5.5). */
export interface PageSummary {
  readonly pages: number;
  readonly rowGroups: number;
  /** Largest `row_count` of a single page (06 §0 fact 9). */
  readonly maxPageRows: number;
  /** Sum of `page_total_compressed_size`; dictionary pages not counted. */
  readonly pageBytes: bigint;
  /** Distinct trimmed non-blank names, in UTF-16 order (06 §5.5). */
  readonly indexedColumns: readonly string[];
}

/** The sidecar of a file's page rows (06 §4); without rows, the empty "bootstrap" sidecar (06 §4.5, decision 9). */
export function makeSidecar(rows: readonly PageIndexRow[], filePath: string): Sidecar {
  try {
    return { content: writeSidecar(rows, filePath), summary: summarize(rows) };
  } catch (cause) {
    throw new TableError(`Failed to write index sidecar for ${filePath}`, { cause });
  }
}

function summarize(rows: readonly PageIndexRow[]): PageSummary {
  const rowGroups = new Set<number>();
  const names = new Set<string>();
  let maxPageRows = 0;
  let pageBytes = 0n;
  for (const row of rows) {
    rowGroups.add(row.rowGroup);
    names.add(row.columnName);
    if (row.rowCount > maxPageRows) maxPageRows = row.rowCount;
    pageBytes += BigInt(row.pageTotalCompressedSize);
  }
  return {
    pages: rows.length,
    rowGroups: rowGroups.size,
    maxPageRows,
    pageBytes,
    indexedColumns: distinctNames(names),
  };
}

/** Sorted in UTF-16 order, which is what sorting strings without a comparison does. */
function distinctNames(names: ReadonlySet<string>): readonly string[] {
  const trimmed = new Set([...names].map(javaTrim).filter((name) => !isJavaBlank(name)));
  return [...trimmed].sort();
}
