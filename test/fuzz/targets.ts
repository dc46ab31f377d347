import type { FuzzTarget, TargetName } from "./harness/target.ts";

/** Opens a target; only its own modules are loaded. */
export async function openTarget(name: TargetName): Promise<FuzzTarget> {
  switch (name) {
    case "parquet":
      return (await import("./parquet/index.ts")).parquetTarget();
    case "records":
      return (await import("./parquet/records.ts")).recordsTarget();
    case "oracle":
      return await (await import("./parquet/oracle.ts")).oracleTarget();
    case "sidecar":
      return (await import("./parquet/sidecar.ts")).sidecarTarget();
    case "delta":
      return (await import("./table/delta.ts")).deltaTarget();
    case "iceberg":
      return (await import("./table/iceberg.ts")).icebergTarget();
    case "avro":
      return (await import("./avro/index.ts")).avroTarget();
    case "puffin":
      return (await import("./sketch/puffin.ts")).puffinTarget();
    case "theta":
      return (await import("./sketch/theta.ts")).thetaTarget();
    case "proto":
      return await (await import("./proto/index.ts")).protoTarget();
  }
}
