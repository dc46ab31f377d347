import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { SourceConnector } from "../../src/model/index.ts";
import { deltaTable, icebergTable, parquetTable } from "./capture-table.ts";

/** What the folder of conformance data holds: tables with all their snapshots, and Parquet files. */
export interface ConformanceTable {
  readonly name: string;
  readonly connector: SourceConnector;
  readonly snapshotIds: readonly bigint[];
}

/** Every Delta table, with the versions that its log has a commit of. */
export async function deltaTables(data: string): Promise<readonly ConformanceTable[]> {
  return await deltaTablesIn(join(data, "tables/delta"));
}

export async function deltaTablesIn(folder: string): Promise<readonly ConformanceTable[]> {
  const tables: ConformanceTable[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const log = await readdir(join(folder, name, "_delta_log"));
    const versions = log.filter((file) => /^\d{20}\.json$/.test(file)).sort();
    tables.push({
      name: `delta/${name}`,
      connector: deltaTable(join(folder, name)),
      snapshotIds: versions.map((file) => BigInt(file.slice(0, 20))),
    });
  }
  return tables;
}

const metadataFile = z.object({ location: z.string() });

/**
 * Every Iceberg table, with the snapshots of its newest metadata. The metadata names `s3://` paths: the table is copied to where
 * `testRoot` has them.
 */
export async function icebergTables(data: string, testRoot: string): Promise<readonly ConformanceTable[]> {
  return await icebergTablesIn(join(data, "tables/iceberg"), testRoot);
}

export async function icebergTablesIn(
  folder: string,
  testRoot: string,
): Promise<readonly ConformanceTable[]> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith(".metadata.json"))
    .sort();
  const newest = new Map(files.map((file) => [dirname(dirname(file)), file]));
  const tables: ConformanceTable[] = [];
  for (const [name, file] of newest) {
    const text = await readFile(join(folder, file), "utf8");
    const { location } = metadataFile.parse(JSON.parse(text));
    const target = join(testRoot, location.slice("s3://".length));
    await mkdir(dirname(target), { recursive: true });
    await cp(join(folder, name), target, { recursive: true });
    // JSON numbers lose digits of these ids.
    const ids = [...text.matchAll(/"snapshot-id"\s*:\s*(\d+)/g)].map((match) => BigInt(match[1] ?? ""));
    tables.push({
      name: `iceberg/${name}`,
      connector: icebergTable(location),
      snapshotIds: [...new Set(ids)],
    });
  }
  return tables;
}

/** Every Parquet file, each as a table of its own. */
export async function parquetFiles(data: string): Promise<readonly ConformanceTable[]> {
  return await parquetFilesIn(join(data, "parquet-testing"));
}

export async function parquetFilesIn(folder: string): Promise<readonly ConformanceTable[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((entry) => /\.parquet(\.encrypted)?$/.test(entry))
    .sort()
    .map((entry) => ({
      name: `parquet/${entry}`,
      connector: parquetTable(`file://${join(folder, entry)}`),
      snapshotIds: [0n],
    }));
}
