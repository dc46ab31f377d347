import type { Database } from "./database.ts";

/** A leased file group or finalizer, as far as somebody who looks on needs it. */
export interface RunningJob {
  readonly jobId: string;
  readonly kind: string;
  readonly state: string;
  /** `""` where the job is about no group. */
  readonly groupId: string;
  readonly tableId: string;
  readonly snapshotId: bigint | undefined;
  readonly startedAtMs: number;
  readonly attempt: number;
  readonly executorId: string;
  readonly statsProcessed: bigint;
  /** 0 if no plan names the group. */
  readonly fileCount: number;
  readonly leaseExpiresAtMs: number;
}

export interface EndedJob {
  readonly jobId: string;
  readonly state: string;
  readonly groupId: string;
  readonly tableId: string;
  readonly message: string;
  readonly finishedAtMs: number;
}

/** A snapshot that has index artifacts. */
export interface CapturedSnapshot {
  readonly accountId: string;
  readonly tableId: string;
  readonly snapshotId: bigint;
  readonly fileCount: number;
}

export type OverviewTables = ReturnType<typeof overviewTables>;

/** What the status page and the metrics of a control plane ask; nothing here is part of the protocol. */
export function overviewTables(db: Database) {
  const counts = db.prepare("SELECT kind, state, COUNT(*) AS jobs FROM jobs GROUP BY kind, state");
  const oldestDue = db.prepare(
    `SELECT MIN(next_attempt_at) AS due FROM jobs
     WHERE state = 'queued' AND kind = 'exec-file-group' AND next_attempt_at <= ?`,
  );
  const running = db.prepare(
    `SELECT jobs.*, leases.expires_at AS expires_at, COALESCE(planned_groups.file_count, 0) AS file_count
     FROM leases JOIN jobs USING (job_id)
     LEFT JOIN planned_groups ON planned_groups.parent_job_id = jobs.parent_job_id
       AND planned_groups.plan_id = jobs.plan_id AND planned_groups.group_id = jobs.group_id
     WHERE jobs.state IN ('running', 'cancelling') ORDER BY jobs.started_at, jobs.job_id LIMIT ?`,
  );
  const failed = db.prepare(
    `SELECT job_id, state, group_id, table_id, message, finished_at FROM jobs
     WHERE state IN ('failed', 'cancelled') ORDER BY finished_at DESC, job_id LIMIT ?`,
  );
  const succeededFiles = db.prepare(
    `SELECT jobs.finished_at AS finished_at, planned_groups.file_count AS file_count FROM jobs
     JOIN planned_groups ON planned_groups.parent_job_id = jobs.parent_job_id
       AND planned_groups.plan_id = jobs.plan_id AND planned_groups.group_id = jobs.group_id
     WHERE jobs.kind = 'exec-file-group' AND jobs.state = 'succeeded' AND jobs.finished_at >= ?`,
  );
  const captured = db.prepare(
    `SELECT account_id, table_id, snapshot_id, COUNT(*) AS files FROM artifacts
     GROUP BY account_id, table_id, snapshot_id ORDER BY table_id, snapshot_id DESC LIMIT ?`,
  );
  return {
    jobCounts(): { readonly kind: string; readonly state: string; readonly count: number }[] {
      return counts.all().map((row) => ({
        kind: row.text("kind"),
        state: row.text("state"),
        count: row.number("jobs"),
      }));
    },
    /** Since when the file group that waits longest could have been leased. */
    oldestDueMs(nowMs: number): number | undefined {
      const due = oldestDue.get(nowMs)?.optionalInt64("due");
      return due === undefined ? undefined : Number(due);
    },
    /** Oldest first. */
    running(limit: number): RunningJob[] {
      return running.all(limit).map((row) => ({
        jobId: row.text("job_id"),
        kind: row.text("kind"),
        state: row.text("state"),
        groupId: row.optionalText("group_id") ?? "",
        tableId: row.optionalText("table_id") ?? "",
        snapshotId: row.optionalInt64("snapshot_id"),
        startedAtMs: row.number("started_at"),
        attempt: row.number("attempt"),
        executorId: row.text("executor_id"),
        statsProcessed: row.int64("stats_processed"),
        fileCount: row.number("file_count"),
        leaseExpiresAtMs: row.number("expires_at"),
      }));
    },
    /** Newest first. */
    failed(limit: number): EndedJob[] {
      return failed.all(limit).map((row) => ({
        jobId: row.text("job_id"),
        state: row.text("state"),
        groupId: row.optionalText("group_id") ?? "",
        tableId: row.optionalText("table_id") ?? "",
        message: row.text("message"),
        finishedAtMs: row.number("finished_at"),
      }));
    },
    /** Files of groups that succeeded since then. */
    succeededFiles(sinceMs: number): { readonly finishedAtMs: number; readonly files: number }[] {
      return succeededFiles.all(sinceMs).map((row) => ({
        finishedAtMs: row.number("finished_at"),
        files: row.number("file_count"),
      }));
    },
    captured(limit: number): CapturedSnapshot[] {
      return captured.all(limit).map((row) => ({
        accountId: row.text("account_id"),
        tableId: row.text("table_id"),
        snapshotId: row.int64("snapshot_id"),
        fileCount: row.number("files"),
      }));
    },
  };
}
