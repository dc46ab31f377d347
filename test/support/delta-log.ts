/** Pieces of a Delta log for tests: actions as JSON lines, and file names. */

export function commitName(version: number): string {
  return `${String(version).padStart(20, "0")}.json`;
}

export function jsonLines(...actions: readonly object[]): string {
  return actions.map((action) => `${JSON.stringify(action)}\n`).join("");
}

export function protocolAction(minReaderVersion = 1, readerFeatures?: readonly string[]): object {
  return { protocol: { minReaderVersion, minWriterVersion: 2, ...(readerFeatures && { readerFeatures }) } };
}

export function field(name: string, type: unknown, metadata: object = {}): object {
  return { name, type, nullable: true, metadata };
}

export function schemaOf(...fields: readonly object[]): string {
  return JSON.stringify({ type: "struct", fields });
}

export function metadataAction(schemaString: string, configuration: object = {}): object {
  return {
    metaData: { id: "t", format: { provider: "parquet" }, schemaString, partitionColumns: [], configuration },
  };
}

export function addAction(path: string, more: object = {}): object {
  return { add: { path, partitionValues: {}, size: 1, modificationTime: 0, dataChange: true, ...more } };
}

export function removeAction(path: string, more: object = {}): object {
  return { remove: { path, dataChange: true, ...more } };
}

/** Commit 0 of a table with the one column `id`. */
export function firstCommit(...actions: readonly object[]): string {
  return jsonLines(protocolAction(), metadataAction(schemaOf(field("id", "long"))), ...actions);
}
