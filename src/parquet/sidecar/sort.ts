import type { PageIndexRow } from "../../model/index.ts";

/**
 * The row order of a sidecar, 06 §4.3: by column name in UTF-16 order, then row group, then page ordinal; stable, so that two
 * physical columns with the same dotted name keep their file order. Rows are put together by name first: names repeat, and
 * only the distinct ones need comparing as text.
 */
export function sortPageRows(rows: readonly PageIndexRow[]): PageIndexRow[] {
  const byName = new Map<string, PageIndexRow[]>();
  let name: string | undefined;
  let same: PageIndexRow[] = [];
  for (const row of rows) {
    if (row.columnName !== name) {
      name = row.columnName;
      same = byName.get(name) ?? [];
      byName.set(name, same);
    }
    same.push(row);
  }
  const sorted: PageIndexRow[] = [];
  // Array.prototype.sort without a comparison orders strings by UTF-16 code units.
  for (const columnName of [...byName.keys()].sort()) {
    const ofColumn = byName.get(columnName) ?? [];
    if (!isInOrder(ofColumn)) ofColumn.sort(comparePosition);
    for (const row of ofColumn) sorted.push(row);
  }
  return sorted;
}

function comparePosition(a: PageIndexRow, b: PageIndexRow): number {
  return a.rowGroup - b.rowGroup || a.pageOrdinal - b.pageOrdinal;
}

function isInOrder(rows: readonly PageIndexRow[]): boolean {
  let previous: PageIndexRow | undefined;
  for (const row of rows) {
    if (previous !== undefined && comparePosition(previous, row) > 0) return false;
    previous = row;
  }
  return true;
}
