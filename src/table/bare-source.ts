import { UsageError } from "../model/index.ts";
import { isJavaBlank, javaTrim } from "../types/index.ts";

/**
 * The locations of a table of bare Parquet files, if the connector is one: `delta.source=parquet`, a kind of ours that no Floecat
 * server hands out (decision 37). `delta.table-root` holds one file, folder or glob a line.
 */
export function bareLocations(properties: Readonly<Record<string, string>>): readonly string[] | undefined {
  if (javaTrim(properties["delta.source"] ?? "").toLowerCase() !== "parquet") return undefined;
  const locations = (properties["delta.table-root"] ?? "").split("\n").filter((line) => !isJavaBlank(line));
  if (locations.length === 0) throw new UsageError("delta.table-root is required for delta.source=parquet");
  return locations;
}
