import type { CaptureColumnPolicy } from "../../model/index.ts";
import type { TableSnapshot } from "../../table/index.ts";
import { javaTrim } from "../../types/index.ts";

/**
 * The columns of a capture as a lease has to name them. Statistics go by the table's names, the page index by the paths in the
 * data files (06 §2.2, "must match"), which are others in a column-mapped Delta table, or where a selector is `#` and an id.
 * Who puts a table into the queue knows the table's names; such a column becomes two entries, one for each. A selector that
 * names no column of the table stays as it is.
 */
export function wireColumns(
  columns: readonly CaptureColumnPolicy[],
  snapshot: Pick<TableSnapshot, "locateColumn">,
): readonly CaptureColumnPolicy[] {
  return columns.flatMap((column) => {
    const selector = javaTrim(column.selector);
    const path = column.captureIndex ? snapshot.locateColumn(selector)?.path : undefined;
    if (path === undefined || path === selector) return [column];
    const index = { selector: path, captureStats: false, captureIndex: true };
    return column.captureStats ? [{ ...column, captureIndex: false }, index] : [index];
  });
}
