export type { Blob, BlobFolder } from "./blob-folder.ts";
export { blobKey } from "./blob-key.ts";
export type { CatalogTable } from "./catalog-tables.ts";
export type { IdempotencyKey, IdempotencyRecord } from "./idempotency-table.ts";
export type { JobListing, JobsTable, QueueOptions } from "./jobs-table.ts";
export {
  FILE_STATE,
  type FileResult,
  NO_ARTIFACT,
  type Partial,
  type PlannedGroup,
  type StatsManifest,
} from "./results-tables.ts";
export type { SharedBlobs } from "./shared-blobs.ts";
export { BASE_PUBLICATION, type SnapshotKey, type StoredStatistic } from "./statistics-tables.ts";
export { openJobStore, type Store } from "./store.ts";
