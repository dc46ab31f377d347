import {
  type CapturePolicy,
  FILE_CONTENT,
  SourceMissingError,
  UnreadableFileError,
} from "../../model/index.ts";
import { type FileMetadata, readFooter, type SchemaLeaf } from "../../parquet/index.ts";
import type { ObjectStore } from "../../storage/index.ts";
import { batchesOf } from "../batches.ts";
import type { FooterPlan, TableFile, TableSnapshot } from "../snapshot.ts";
import { bareColumns } from "./columns.ts";
import { type FoundFile, findParquetFiles } from "./find-files.ts";
import { folderPartitionJson } from "./partition-folders.ts";

export interface BareOptions {
  /** Files, folders and globs that make up one table. */
  readonly locations: readonly string[];
  readonly store: ObjectStore;
  readonly policy: CapturePolicy;
  readonly signal: AbortSignal;
}

/** A table of Parquet files without a table format has one snapshot, 0 (decision 37). */
const BARE_SNAPSHOT_ID = 0n;

/**
 * Parquet files as a table of their own (decision 37): the schema is that of the first file in path order that has a footer,
 * every figure comes from footers.
 */
export async function openBare(options: BareOptions): Promise<TableSnapshot> {
  const { store, signal } = options;
  const files = await findAll(options);
  const footer = await firstFooter(store, files, signal);
  const { columns, plan } = bareColumns(footer, options.policy);
  return {
    format: "parquet",
    snapshotId: BARE_SNAPSHOT_ID,
    columns,
    locateColumn(selector) {
      const isPart = ({ name }: SchemaLeaf) => name === selector || name.startsWith(`${selector}.`);
      return footer.schema.leaves.some(isPart) ? { path: selector, fieldId: undefined } : undefined;
    },
    async files({ only, signal: filesSignal }) {
      filesSignal.throwIfAborted();
      return files
        .filter((file) => only === undefined || only.has(file.path))
        .map((file) => tableFile(file, plan));
    },
    async *scan({ signal: scanSignal }) {
      for (const batch of batchesOf(files)) {
        scanSignal.throwIfAborted();
        yield batch.map((file) => tableFile(file, plan));
      }
    },
    async *list({ signal: listSignal }) {
      for (const batch of batchesOf(files)) {
        listSignal.throwIfAborted();
        yield batch.map(({ path, sizeBytes }) => ({ path, sizeBytes: BigInt(sizeBytes) }));
      }
    },
  };
}

/**
 * Each file once, in UTF-8 byte order of its path. A location that holds none is an error: figures of a table whose parts were
 * passed over in silence would be wrong.
 */
async function findAll({ locations, store, signal }: BareOptions): Promise<FoundFile[]> {
  const byPath = new Map<string, FoundFile>();
  for (const location of locations) {
    const found = await findParquetFiles(store, location, { signal });
    if (found.length === 0) throw new SourceMissingError(`no Parquet files found in ${location}`);
    for (const file of found) {
      if (!byPath.has(file.path)) byPath.set(file.path, file);
    }
  }
  return [...byPath.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** A damaged file must not take the others with it: it fails by itself when it is captured. */
async function firstFooter(
  store: ObjectStore,
  files: readonly FoundFile[],
  signal: AbortSignal,
): Promise<FileMetadata> {
  let trouble: unknown = new SourceMissingError("no location of Parquet files was named");
  for (const [index, file] of files.entries()) {
    try {
      await using handle = await store.open(file.path, { signal });
      return await readFooter(handle, { signal });
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      if (index === 0) trouble = error;
    }
  }
  throw trouble;
}

function tableFile(file: FoundFile, plan: FooterPlan): TableFile {
  return {
    path: file.path,
    content: FILE_CONTENT.data,
    format: "PARQUET",
    sizeBytes: BigInt(file.sizeBytes),
    partitionDataJson: folderPartitionJson(file.relativePath),
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    metrics: { source: "footer", plan },
    readable: true,
  };
}
