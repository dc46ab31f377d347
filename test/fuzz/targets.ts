import type { FuzzTarget, TargetName } from "./harness/target.ts";

/** Opens a target; only its own modules are loaded. */
export async function openTarget(name: TargetName): Promise<FuzzTarget> {
  switch (name) {
    case "parquet":
      return (await import("./parquet/index.ts")).parquetTarget();
  }
}
