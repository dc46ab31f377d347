import type { ByteSource } from "../../../model/index.ts";
import type { FileMetadata } from "../../../parquet/index.ts";
import type { Metadata, Protocol } from "../log/index.ts";
import { headLeaves } from "./action-leaves.ts";
import { integerOf, mapOf, readWindows, textOf, textsOf } from "./read-leaves.ts";

/** What a checkpoint file says of protocol and metadata (05 §4.2). */
export interface Head {
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
}

export async function readHead(source: ByteSource, footer: FileMetadata, signal: AbortSignal): Promise<Head> {
  return {
    protocol: await readProtocol(source, footer, signal),
    metadata: await readMetadata(source, footer, signal),
  };
}

async function readProtocol(
  source: ByteSource,
  footer: FileMetadata,
  signal: AbortSignal,
): Promise<Protocol | undefined> {
  const { minReaderVersion, readerFeature } = headLeaves(footer);
  if (minReaderVersion === undefined) return undefined;
  for await (const { rowCount, windows } of readWindows(
    source,
    footer,
    [minReaderVersion, readerFeature],
    signal,
  )) {
    for (let row = 0; row < rowCount; row++) {
      const version = integerOf(windows(minReaderVersion), row);
      if (version === undefined) continue;
      return { minReaderVersion: Number(version), readerFeatures: textsOf(windows(readerFeature), row) };
    }
  }
  return undefined;
}

async function readMetadata(
  source: ByteSource,
  footer: FileMetadata,
  signal: AbortSignal,
): Promise<Metadata | undefined> {
  const { schemaString, partitionColumn, configurationKey, configurationValue } = headLeaves(footer);
  if (schemaString === undefined) return undefined;
  const leaves = [schemaString, partitionColumn, configurationKey, configurationValue];
  for await (const { rowCount, windows } of readWindows(source, footer, leaves, signal)) {
    for (let row = 0; row < rowCount; row++) {
      const schema = textOf(windows(schemaString), row);
      if (schema === undefined) continue;
      const configuration = mapOf(windows(configurationKey), windows(configurationValue), row);
      return {
        schemaString: schema,
        partitionColumns: textsOf(windows(partitionColumn), row),
        configuration: new Map(
          configuration.flatMap(({ key, value }) => (value === null ? [] : [[key, value]])),
        ),
      };
    }
  }
  return undefined;
}
