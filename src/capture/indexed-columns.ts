import type { SchemaLeaf } from "../parquet/index.ts";
import type { ColumnLocation } from "../table/index.ts";
import type { IndexedColumns } from "./task.ts";

/**
 * Physical paths of the columns that a file's page index is made of; undefined: all eligible ones. Paths match exactly (06
 * §2.2). A location is matched by field id where both sides have one, so that a renamed column is found in older files too.
 */
export function indexedPaths(
  leaves: readonly SchemaLeaf[],
  columns: IndexedColumns,
): ReadonlySet<string> | undefined {
  switch (columns.by) {
    case "all":
      return undefined;
    case "path":
      return new Set(columns.paths);
    case "location":
      return new Set(
        leaves.filter((leaf) => columns.locations.some((at) => isAt(leaf, at))).map((leaf) => leaf.name),
      );
  }
}

function isAt(leaf: SchemaLeaf, { path, fieldId }: ColumnLocation): boolean {
  return fieldId !== undefined && leaf.fieldId !== undefined ? leaf.fieldId === fieldId : leaf.name === path;
}
