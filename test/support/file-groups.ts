import {
  CAPTURED_METADATA,
  type CaptureOutput,
  DEFAULT_MAX_COLUMNS,
  FILE_CONTENT,
  type FileGroup,
  type IndexArtifact,
  RESOURCE_KIND_CONNECTOR,
  RESOURCE_KIND_TABLE,
  type StatsRecord,
} from "../../src/model/index.ts";

export const TABLE_ID = { accountId: "acct", id: "table-1", kind: RESOURCE_KIND_TABLE } as const;
export const FILE_PATH = "s3://bucket/file.parquet";

/** The base case of 03 §19: plan-1, group-1, table-1, snapshot 41, one file, FILE_STATS. */
export function aFileGroup(
  change: Partial<FileGroup> & { readonly outputs?: readonly CaptureOutput[] } = {},
): FileGroup {
  const { outputs = ["file"], ...fields } = change;
  return {
    generation: "chunked",
    planId: "plan-1",
    groupId: "group-1",
    tableId: TABLE_ID,
    snapshotId: 41n,
    sourceNamespace: "db",
    sourceTable: "t",
    connector: {
      resourceId: { accountId: "acct", id: "connector-1", kind: RESOURCE_KIND_CONNECTOR },
      kind: "delta",
      uri: "s3://bucket/t",
      properties: {},
      auth: { scheme: "none", properties: {}, headerHints: {} },
    },
    filePaths: [FILE_PATH],
    policy: {
      columns: [],
      outputs: new Set(outputs),
      defaultColumnScope: "first-n",
      maxDefaultColumns: DEFAULT_MAX_COLUMNS,
      properties: {},
    },
    storageLocation: "",
    fullRescan: false,
    ...fields,
  };
}

export function aFileRecord(filePath = FILE_PATH, rowCount = 3n): StatsRecord {
  return {
    tableId: TABLE_ID,
    snapshotId: 41n,
    target: { kind: "file", filePath },
    metadata: CAPTURED_METADATA,
    value: {
      kind: "file",
      file: {
        filePath,
        fileFormat: "PARQUET",
        rowCount,
        sizeBytes: 1000n,
        columns: [],
        fileContent: FILE_CONTENT.data,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: undefined,
      },
    },
  };
}

export function aTableRecord(rowCount = 3n): StatsRecord {
  return {
    tableId: TABLE_ID,
    snapshotId: 41n,
    target: { kind: "table" },
    metadata: CAPTURED_METADATA,
    value: { kind: "table", table: { rowCount, dataFileCount: 1n, totalSizeBytes: 1000n } },
  };
}

export function anArtifact(filePath = FILE_PATH, content = new Uint8Array([1, 2, 3])): IndexArtifact {
  return {
    record: {
      tableId: TABLE_ID,
      snapshotId: 41n,
      filePath,
      artifactUri: `${filePath}.idx`,
      contentSha256B64: "",
      createdAtMs: 0,
      coverage: {
        rowsIndexed: undefined,
        liveRowsIndexed: undefined,
        pagesIndexed: undefined,
        rowGroupsIndexed: undefined,
        bytesScanned: undefined,
      },
      sourceFileFormat: "parquet",
      properties: {},
    },
    content,
  };
}
