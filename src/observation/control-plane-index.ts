import type { CapturedColumn } from "../captured/index.ts";
import type { ControlPlane } from "../control-plane/index.ts";
import type { IndexedFile, IndexSource } from "../dashboard/index.ts";
import { type ByteSource, UnreadableFileError } from "../model/index.ts";
import { readSidecar } from "../parquet/sidecar/index.ts";
import { ForeignRecordError, loadRecordCodec, type RecordCodec } from "../protocol/index.ts";
import { fileIndex } from "./captured-index.ts";

const SHOWN_TABLES = 500;

/** The page indexes that a control plane keeps: every snapshot with sidecars is a table here. */
export async function controlPlaneIndexSource(
  server: Pick<ControlPlane, "store" | "context">,
): Promise<IndexSource> {
  const codec = await loadRecordCodec(server.context.generation);
  const snapshots = () =>
    server.store.overview.captured(SHOWN_TABLES).map((snapshot) => ({
      ...snapshot,
      key: `${snapshot.accountId}/${snapshot.tableId}/${snapshot.snapshotId}`,
    }));
  return {
    tables: async () =>
      snapshots().map(({ key, accountId, tableId, snapshotId, fileCount }) => ({
        key,
        name: server.store.catalog.table(accountId, tableId)?.upstreamUri || tableId,
        snapshotId: String(snapshotId),
        fileCount,
      })),
    async files(key) {
      const { store } = server;
      const snapshot = snapshots().find((each) => each.key === key);
      if (snapshot === undefined) return undefined;
      const records = lazily(() => {
        const publication = store.statistics.activePublication(snapshot);
        return new Map(
          store.statistics.all(snapshot, publication).map((each) => [each.filePath, each.record]),
        );
      });
      return store.statistics.artifacts(snapshot).map(({ filePath, record }): IndexedFile => {
        const { artifactUri, contentSha256B64 } = codec.artifactFromBytes(record);
        return {
          path: filePath,
          version: contentSha256B64,
          async load(signal) {
            const content = await store.blobs.read(artifactUri);
            if (content === undefined) {
              throw new UnreadableFileError("the sidecar is no longer in the blob store", { file: filePath });
            }
            const { rows } = await readSidecar(inMemory(filePath, content), { signal });
            return fileIndex(rows, columnsOf(codec, records().get(filePath)));
          },
        };
      });
    },
  };
}

/** A record of another program may say what the model has no words for: the pages are shown all the same. */
function columnsOf(codec: RecordCodec, record: Uint8Array | undefined): readonly CapturedColumn[] {
  if (record === undefined) return [];
  try {
    const { value } = codec.statsFromBytes(record);
    return value.kind === "file" ? value.file.columns.map(({ scalar }) => scalar) : [];
  } catch (error) {
    if (error instanceof ForeignRecordError) return [];
    throw error;
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function inMemory(path: string, bytes: Uint8Array): ByteSource {
  return {
    path,
    size: bytes.length,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length) {
        const found = `${length} bytes at ${offset} of ${bytes.length}`;
        return Promise.reject(
          new UnreadableFileError(`the sidecar ends too early: ${found}`, { file: path }),
        );
      }
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
  };
}
