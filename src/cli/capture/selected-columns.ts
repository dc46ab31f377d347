import { type CapturePolicy, UsageError } from "../../model/index.ts";
import type { ColumnLocation, TableSnapshot } from "../../table/index.ts";
import { javaTrim } from "../../types/index.ts";

/**
 * Where the columns of `--columns` are in the data files: users name columns as the table does, while the page index goes by
 * physical paths (06 §2.2). Undefined: none was named, all are wanted. A name that the table lacks is refused.
 */
export function selectedColumns(
  policy: CapturePolicy,
  snapshot: Pick<TableSnapshot, "locateColumn">,
  uri: string,
): readonly ColumnLocation[] | undefined {
  if (policy.columns.length === 0) return undefined;
  return policy.columns.map(({ selector }) => {
    const location = snapshot.locateColumn(javaTrim(selector));
    if (location === undefined) throw unknownColumn(selector, uri);
    return location;
  });
}

export function unknownColumn(selector: string, uri: string): UsageError {
  return new UsageError(`--columns ${selector}: ${uri} has no such column`);
}
