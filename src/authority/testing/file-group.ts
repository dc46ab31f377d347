import type { FileGroup, Generation, SourceConnector } from "../../model/index.ts";

/** A leased group with the connector of a test. */
export function fileGroup(generation: Generation, connector: Partial<SourceConnector> = {}): FileGroup {
  return {
    generation,
    planId: "plan-1",
    groupId: "group-1",
    tableId: { accountId: "acct", id: "table-1", kind: 4 },
    snapshotId: 1n,
    sourceNamespace: "ns",
    sourceTable: "table",
    connector: {
      resourceId: { accountId: "acct", id: "connector-1", kind: 7 },
      kind: "delta",
      uri: "",
      properties: {},
      auth: { scheme: "none", properties: {}, headerHints: {} },
      ...connector,
    },
    filePaths: ["s3://b/t/1.parquet"],
    policy: {
      columns: [],
      outputs: new Set(["file"]),
      defaultColumnScope: "all",
      maxDefaultColumns: 32,
      properties: {},
    },
    storageLocation: "s3://b/t",
    fullRescan: false,
  };
}
