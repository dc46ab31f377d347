import type { ByteSource, PageIndexRow } from "../../model/index.ts";
import { indexedType } from "../eligibility.ts";
import type { DistinctSink, PageEngine } from "../engine.ts";
import type { FileMetadata, SchemaLeaf } from "../metadata.ts";
import { scanChunk } from "./scan.ts";
import type { WalkOptions } from "./walk.ts";

export interface IndexPagesOptions extends WalkOptions {
  readonly engine: PageEngine;
  /** Physical column names that are wanted (06 §2.2, exact match); undefined for every eligible column. */
  readonly columns?: ReadonlySet<string> | undefined;
  /** The sink for a column's distinct values, if they are wanted too; asked once a column. */
  readonly distinctOf?: ((leaf: SchemaLeaf) => DistinctSink | undefined) | undefined;
}

/**
 * The page-index rows of a file, chunk by chunk in the order of 06 §3.1. Chunks that aren't wanted or aren't eligible are
 * never read (decision 12). A wanted chunk that can't be read fails the file: `UnreadableFileError`.
 */
export async function* indexPages(
  source: ByteSource,
  footer: FileMetadata,
  options: IndexPagesOptions,
): AsyncGenerator<PageIndexRow[]> {
  const wanted = footer.schema.leaves.flatMap((leaf) => {
    const selected = options.columns === undefined || options.columns.has(leaf.name);
    const bounds = selected ? indexedType(leaf) : undefined;
    const distinct = options.distinctOf?.(leaf);
    return bounds === undefined && distinct === undefined ? [] : [{ leaf, bounds, distinct }];
  });
  for (const rowGroup of footer.rowGroups) {
    for (const { leaf, bounds, distinct } of wanted) {
      const chunk = rowGroup.chunks[leaf.index];
      if (chunk === undefined) continue;
      const rows = await scanChunk(source, footer, rowGroup, chunk, { ...options, bounds, distinct });
      if (rows.length > 0) yield rows;
    }
  }
}
