import { join } from "node:path";
import type { Clock, Generation } from "../../model/index.ts";
import { type BlobFolder, blobFolder } from "./blob-folder.ts";
import { type CatalogTables, catalogTables } from "./catalog-tables.ts";
import { Database } from "./database.ts";
import { type IdempotencyTable, idempotencyTable } from "./idempotency-table.ts";
import { type JobsTable, jobsTable } from "./jobs-table.ts";
import { type LeasesTable, leasesTable } from "./leases-table.ts";
import { type OverviewTables, overviewTables } from "./overview-tables.ts";
import { type ResultsTables, resultsTables } from "./results-tables.ts";
import { type SharedBlobs, withSharedBlobs } from "./shared-blobs.ts";
import { type StatisticsTables, statisticsTables } from "./statistics-tables.ts";

/** Everything that a control plane keeps: one SQLite file and a folder of blobs. */
export interface Store {
  readonly jobs: JobsTable;
  readonly leases: LeasesTable;
  readonly results: ResultsTables;
  readonly catalog: CatalogTables;
  readonly statistics: StatisticsTables;
  readonly idempotency: IdempotencyTable;
  readonly overview: OverviewTables;
  readonly blobs: BlobFolder;
  transaction<T>(work: () => T): T;
  close(): void;
}

export function openJobStore(options: {
  readonly dataDir: string;
  readonly generation: Generation;
  readonly clock: Pick<Clock, "nowMs">;
  readonly sharedBlobs?: SharedBlobs | undefined;
}): Store {
  const { dataDir, generation, clock } = options;
  const db = Database.open(dataDir, generation);
  const store: Store = {
    jobs: jobsTable(db),
    leases: leasesTable(db),
    results: resultsTables(db),
    catalog: catalogTables(db),
    statistics: statisticsTables(db),
    idempotency: idempotencyTable(db),
    overview: overviewTables(db),
    blobs: withSharedBlobs(blobFolder(db, join(dataDir, "blobs"), clock), options.sharedBlobs),
    transaction: (work) => db.transaction(work),
    close: () => db.close(),
  };
  store.idempotency.removePending();
  return store;
}
