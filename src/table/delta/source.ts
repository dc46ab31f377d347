import { UsageError } from "../../model/index.ts";
import { isJavaBlank, javaTrim } from "../../types/index.ts";

/** Where a Delta connector finds its table (05 §3.1). */
export type DeltaSource =
  | { readonly kind: "filesystem"; readonly root: string }
  /** Parquet files without a log: ours alone (decision 37). */
  | { readonly kind: "parquet"; readonly root: string }
  | { readonly kind: "unity" }
  | { readonly kind: "glue" };

/** Reads `delta.source` and `delta.table-root` of a connector's options; errors in the reference's words. */
export function deltaSource(properties: Readonly<Record<string, string>>): DeltaSource {
  const raw = properties["delta.source"] ?? "";
  const root = properties["delta.table-root"] ?? "";
  const kind = isJavaBlank(raw) ? "unity" : javaTrim(raw).toLowerCase();
  switch (kind) {
    case "filesystem":
    case "parquet":
      if (isJavaBlank(root)) {
        throw new UsageError(`delta.table-root is required for delta.source=${kind}`);
      }
      return { kind, root };
    case "unity":
    case "glue":
      if (!isJavaBlank(root)) {
        throw new UsageError("delta.table-root is only valid with delta.source=filesystem");
      }
      return { kind };
    default:
      throw new UsageError(`Unsupported delta.source: ${raw}`);
  }
}
