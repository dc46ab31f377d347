import type { ObjectStore } from "../storage/index.ts";

/** What a table folder turns out to be. */
export type TableFormat = "delta" | "iceberg" | "parquet";

/**
 * Looks at a folder (ending in `/`) to tell what it is: Delta if there is a `_delta_log` with anything in it, Iceberg if there is
 * a `metadata/*.metadata.json`, bare Parquet otherwise. Lists those two folders at most, each up to the first hit.
 */
export async function detectFormat(
  store: ObjectStore,
  folder: string,
  options: { readonly signal: AbortSignal },
): Promise<TableFormat> {
  const list = (name: string) =>
    store.list(`${folder}${name}/`, { recursive: false, signal: options.signal });
  for await (const _ of list("_delta_log")) return "delta";
  for await (const info of list("metadata")) {
    if (info.path.endsWith(".metadata.json")) return "iceberg";
  }
  return "parquet";
}
