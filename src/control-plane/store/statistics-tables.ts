import { blobKey } from "./blob-key.ts";
import type { Database } from "./database.ts";

/** A snapshot of a table: the scope of statistics and artifacts. */
export interface SnapshotKey {
  readonly accountId: string;
  readonly tableId: string;
  readonly snapshotId: bigint;
}

export interface StoredStatistic {
  /** `targetStorageId` of its target. */
  readonly storageId: string;
  /** Of a FILE record, as its value says it. */
  readonly filePath: string | undefined;
  /** A serialised `TargetStatsRecord`. */
  readonly record: Uint8Array;
}

export interface StoredArtifact {
  readonly filePath: string;
  /** Where its sidecar is, or is said to be. */
  readonly artifactUri: string;
  /** A serialised `IndexArtifactRecord`. */
  readonly record: Uint8Array;
}

/** Incremental captures write here as long as no full rescan has been published. */
export const BASE_PUBLICATION = "";

export type StatisticsTables = ReturnType<typeof statisticsTables>;

/** Statistics by snapshot, publication and target; index artifacts by snapshot and path (02 §5). */
export function statisticsTables(db: Database) {
  const put = db.prepare("INSERT OR REPLACE INTO statistics VALUES (?, ?, ?, ?, ?, ?, ?)");
  const get = db.prepare(
    `SELECT record FROM statistics WHERE account_id = ? AND table_id = ? AND snapshot_id = ?
     AND publication = ? AND storage_id = ?`,
  );
  const remove = db.prepare(
    `DELETE FROM statistics WHERE account_id = ? AND table_id = ? AND snapshot_id = ?
     AND publication = ? AND storage_id = ?`,
  );
  const all = db.prepare(
    `SELECT storage_id, file_path, record FROM statistics
     WHERE account_id = ? AND table_id = ? AND snapshot_id = ? AND publication = ? ORDER BY storage_id`,
  );
  const activate = db.prepare("INSERT OR REPLACE INTO active_publications VALUES (?, ?, ?, ?)");
  const active = db.prepare(
    "SELECT publication FROM active_publications WHERE account_id = ? AND table_id = ? AND snapshot_id = ?",
  );
  const removeOthers = db.prepare(
    `DELETE FROM statistics WHERE account_id = ? AND table_id = ? AND snapshot_id = ? AND publication <> ?`,
  );
  const removePublication = db.prepare(
    `DELETE FROM statistics WHERE publication = ? AND NOT EXISTS (
       SELECT 1 FROM active_publications AS active WHERE active.publication = statistics.publication)`,
  );
  const putArtifact = db.prepare("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?, ?, ?)");
  const artifacts = db.prepare(
    `SELECT file_path, record FROM artifacts WHERE account_id = ? AND table_id = ? AND snapshot_id = ?
     ORDER BY file_path`,
  );
  const values = (key: SnapshotKey) => [key.accountId, key.tableId, key.snapshotId] as const;

  return {
    put(key: SnapshotKey, publication: string, statistic: StoredStatistic): void {
      const { storageId, filePath, record } = statistic;
      put.run(...values(key), publication, storageId, filePath ?? null, record);
    },
    get(key: SnapshotKey, publication: string, storageId: string): Uint8Array | undefined {
      return get.get(...values(key), publication, storageId)?.bytes("record");
    },
    remove(key: SnapshotKey, publication: string, storageId: string): void {
      remove.run(...values(key), publication, storageId);
    },
    all(key: SnapshotKey, publication: string): StoredStatistic[] {
      return all.all(...values(key), publication).map((row) => ({
        storageId: row.text("storage_id"),
        filePath: row.optionalText("file_path"),
        record: row.bytes("record"),
      }));
    },
    /** What readers see, and what incremental captures add to. */
    activePublication(key: SnapshotKey): string {
      return active.get(...values(key))?.text("publication") ?? BASE_PUBLICATION;
    },
    /** A full rescan that came to nothing. */
    removePublication(publication: string): void {
      removePublication.run(publication);
    },
    /** Makes a publication the one that is read; the replaced one goes. */
    activate(key: SnapshotKey, publication: string): void {
      activate.run(...values(key), publication);
      removeOthers.run(...values(key), publication);
    },
    putArtifact(key: SnapshotKey, artifact: StoredArtifact): void {
      const { filePath, artifactUri, record } = artifact;
      putArtifact.run(...values(key), filePath, blobKey(artifactUri), record);
    },
    artifacts(key: SnapshotKey): { readonly filePath: string; readonly record: Uint8Array }[] {
      return artifacts
        .all(...values(key))
        .map((row) => ({ filePath: row.text("file_path"), record: row.bytes("record") }));
    },
  };
}
