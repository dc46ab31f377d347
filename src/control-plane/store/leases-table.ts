import type { Lease } from "../jobs/job.ts";
import type { Database } from "./database.ts";
import type { Row } from "./row.ts";

export type LeasesTable = ReturnType<typeof leasesTable>;

export function leasesTable(db: Database) {
  const put = db.prepare("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?)");
  const get = db.prepare("SELECT * FROM leases WHERE job_id = ?");
  const remove = db.prepare("DELETE FROM leases WHERE job_id = ?");
  const expired = db.prepare("SELECT * FROM leases WHERE expires_at < ? ORDER BY expires_at");
  const live = db.prepare("SELECT COUNT(*) AS live FROM leases WHERE expires_at > ?");
  return {
    put(lease: Lease): void {
      put.run(lease.jobId, lease.accountId, lease.epoch, lease.expiresAtMs);
    },
    get(jobId: string): Lease | undefined {
      const row = get.get(jobId);
      return row && leaseFrom(row);
    },
    remove(jobId: string): void {
      remove.run(jobId);
    },
    /** Oldest first. */
    expiredBefore(beforeMs: number): Lease[] {
      return expired.all(beforeMs).map(leaseFrom);
    },
    liveCount(nowMs: number): number {
      return live.get(nowMs)?.number("live") ?? 0;
    },
  };
}

function leaseFrom(row: Row): Lease {
  return {
    jobId: row.text("job_id"),
    accountId: row.text("account_id"),
    epoch: row.text("epoch"),
    expiresAtMs: row.number("expires_at"),
  };
}
