import { z } from "zod";
import type { JobKind } from "../../protocol/port.ts";
import type { Job, JobState } from "../jobs/job.ts";
import { JOB_KINDS, type Selection } from "../jobs/matching.ts";
import type { Database } from "./database.ts";
import { fromJsonText, scopeSchema, stringMap, toJsonText } from "./json.ts";
import type { Row } from "./row.ts";

const COLUMNS = [
  "job_id",
  "account_id",
  "parent_job_id",
  "kind",
  "state",
  "message",
  "started_at",
  "finished_at",
  "executor_id",
  "attempt",
  "next_attempt_at",
  "tables_scanned",
  "tables_changed",
  "views_scanned",
  "views_changed",
  "errors",
  "snapshots_processed",
  "stats_processed",
  "pinned_executor_id",
  "execution_class",
  "lane",
  "attributes",
  "lane_key",
  "connector_id",
  "mode",
  "full_rescan",
  "scope",
  "plan_id",
  "group_id",
  "table_id",
  "snapshot_id",
  "created_at",
] as const;

export interface QueueOptions {
  readonly nowMs: number;
  /** Pinned jobs only show under their pin. */
  readonly unpinnedOnly: boolean;
  /** Starts behind this entry of the index. */
  readonly after?: Pick<Job, "nextAttemptAtMs" | "accountId" | "jobId"> | undefined;
  readonly limit?: number | undefined;
}

/** Jobs by id, by parent and in queue order (02 §3.3). */
export type JobsTable = ReturnType<typeof jobsTable>;

export interface JobListing {
  readonly accountId: string;
  /** `""`: any. */
  readonly connectorId: string;
  /** Empty: any. */
  readonly states: readonly JobState[];
  readonly rootsOnly: boolean;
  /** Jobs after this one in listing order. */
  readonly after: { readonly createdAtMs: number; readonly jobId: string } | undefined;
  readonly limit: number;
}

export function jobsTable(db: Database) {
  const put = db.prepare(
    `INSERT OR REPLACE INTO jobs (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})`,
  );
  const get = db.prepare("SELECT * FROM jobs WHERE job_id = ?");
  const children = db.prepare(
    "SELECT * FROM jobs WHERE parent_job_id = ? ORDER BY created_at, next_attempt_at, job_id",
  );
  const childOfKind = db.prepare("SELECT * FROM jobs WHERE parent_job_id = ? AND kind = ? LIMIT 1");
  const childInState = db.prepare(
    "SELECT 1 AS there FROM jobs WHERE parent_job_id = ? AND kind = ? AND state = ? LIMIT 1",
  );
  const childStates = db.prepare(
    "SELECT state, COUNT(*) AS jobs FROM jobs WHERE parent_job_id = ? AND kind = ? GROUP BY state",
  );
  const belowCancelled = db.prepare(
    // From the parents: there are few, and any number of jobs may be unfinished.
    `SELECT child.* FROM jobs AS parent CROSS JOIN jobs AS child ON child.parent_job_id = parent.job_id
     WHERE parent.state IN ('cancelling', 'cancelled') AND child.state IN ('queued', 'running', 'waiting')`,
  );
  const ofSnapshot = db.prepare(
    "SELECT * FROM jobs WHERE account_id = ? AND table_id = ? AND snapshot_id = ? AND kind = ?",
  );
  const unfinished = db.prepare(
    "SELECT * FROM jobs WHERE state IN ('queued', 'running', 'waiting', 'cancelling')",
  );
  const finishedRoots = db.prepare(
    `SELECT job_id FROM jobs WHERE parent_job_id = '' AND state IN ('succeeded', 'failed', 'cancelled')
     AND finished_at < ?`,
  );
  const remove = db.prepare("DELETE FROM jobs WHERE job_id = ?");
  const laneHolder = db.prepare(
    `SELECT 1 AS held FROM jobs JOIN leases USING (job_id)
     WHERE jobs.lane_key = ? AND jobs.job_id <> ? AND leases.expires_at > ? LIMIT 1`,
  );
  const snapshotHolder = db.prepare(
    `SELECT 1 AS held FROM jobs JOIN leases USING (job_id)
     WHERE jobs.kind = 'plan-snapshot' AND jobs.account_id = ? AND jobs.table_id = ? AND jobs.snapshot_id = ?
     AND jobs.job_id <> ? AND leases.expires_at > ? LIMIT 1`,
  );
  const active = db.prepare(
    `SELECT * FROM jobs WHERE account_id = ? AND connector_id = ? AND kind = ?
     AND state IN ('queued', 'running', 'waiting', 'cancelling')`,
  );

  return {
    put(job: Job): void {
      put.run(...jobValues(job));
    },
    get(jobId: string): Job | undefined {
      const row = get.get(jobId);
      return row && jobFrom(row);
    },
    children(jobId: string): Job[] {
      return jobId === "" ? [] : children.all(jobId).map(jobFrom);
    },
    child(jobId: string, kind: JobKind): Job | undefined {
      const row = childOfKind.get(jobId, kind);
      return row && jobFrom(row);
    },
    hasChild(jobId: string, kind: JobKind, states: readonly JobState[]): boolean {
      return states.some((state) => childInState.get(jobId, kind, state) !== undefined);
    },
    /** Number of children by state; states without any are left out. */
    childStates(jobId: string, kind: JobKind): ReadonlyMap<JobState, number> {
      return new Map(
        childStates.all(jobId, kind).map((row) => [jobState.parse(row.text("state")), row.number("jobs")]),
      );
    },
    /** Unfinished jobs right below a cancelling or cancelled one. */
    belowCancelled(): Job[] {
      return belowCancelled.all().map(jobFrom);
    },
    ofSnapshot(accountId: string, tableId: string, snapshotId: bigint, kind: JobKind): Job[] {
      return ofSnapshot.all(accountId, tableId, snapshotId, kind).map(jobFrom);
    },
    unfinished(): Job[] {
      return unfinished.all().map(jobFrom);
    },
    activeOfConnector(accountId: string, connectorId: string, kind: JobKind): Job[] {
      return active.all(accountId, connectorId, kind).map(jobFrom);
    },
    finishedRootsBefore(beforeMs: number): string[] {
      return finishedRoots.all(beforeMs).map((row) => row.text("job_id"));
    },
    remove(jobId: string): void {
      remove.run(jobId);
    },
    /** Due jobs of one index, by due time, account and id. Nothing may be changed while it is being read. */
    *queued(selection: Selection, options: QueueOptions): Generator<Job, void, undefined> {
      const { where, values } = selectionSql(selection);
      const unpinned = options.unpinnedOnly && selection.by !== "pin" ? "AND pinned_executor_id = ''" : "";
      const { after, limit = -1 } = options;
      const behind = after === undefined ? "" : "AND (next_attempt_at, account_id, job_id) > (?, ?, ?)";
      const position = after === undefined ? [] : [after.nextAttemptAtMs, after.accountId, after.jobId];
      const statement = db.prepare(
        `SELECT * FROM jobs WHERE state = 'queued' AND next_attempt_at <= ? ${unpinned} ${where} ${behind}
         ORDER BY next_attempt_at, account_id, job_id LIMIT ?`,
      );
      const rows = statement.iterate(options.nowMs, ...values, ...position, limit);
      for (const row of rows) yield jobFrom(row);
    },
    laneHeld(job: Job, nowMs: number): boolean {
      return laneHolder.get(job.laneKey, job.jobId, nowMs) !== undefined;
    },
    snapshotHeld(job: Job, nowMs: number): boolean {
      if (job.snapshot === undefined) return false;
      const { tableId, snapshotId } = job.snapshot;
      return snapshotHolder.get(job.accountId, tableId, snapshotId, job.jobId, nowMs) !== undefined;
    },
    /** Newest first. */
    list(listing: JobListing): Job[] {
      const where = ["account_id = ?"];
      const values: (string | number)[] = [listing.accountId];
      if (listing.connectorId !== "") {
        where.push("connector_id = ?");
        values.push(listing.connectorId);
      }
      if (listing.states.length > 0) {
        where.push(`state IN (${listing.states.map(() => "?").join(", ")})`);
        values.push(...listing.states);
      }
      if (listing.rootsOnly) where.push("parent_job_id = ''");
      if (listing.after !== undefined) {
        where.push("(created_at < ? OR (created_at = ? AND job_id > ?))");
        values.push(listing.after.createdAtMs, listing.after.createdAtMs, listing.after.jobId);
      }
      const sql = `SELECT * FROM jobs WHERE ${where.join(" AND ")} ORDER BY created_at DESC, job_id LIMIT ?`;
      return db
        .prepare(sql)
        .all(...values, listing.limit)
        .map(jobFrom);
    },
  };
}

function selectionSql(selection: Selection): { where: string; values: (string | number)[] } {
  switch (selection.by) {
    case "pin":
      return { where: "AND pinned_executor_id = ?", values: [selection.executorId] };
    case "lane":
      return { where: "AND lane = ?", values: [selection.lane] };
    case "lane-key":
      return {
        where: `AND lane_key IN (${selection.laneKeys.map(() => "?").join(", ")})`,
        values: [...selection.laneKeys],
      };
    case "kind":
      return { where: "AND kind = ?", values: [selection.kind] };
    case "class":
      return { where: "AND execution_class = ?", values: [selection.executionClass] };
    case "all":
      return { where: "", values: [] };
  }
}

function jobValues(job: Job) {
  const { counters } = job;
  return [
    job.jobId,
    job.accountId,
    job.parentJobId,
    job.kind,
    job.state,
    job.message,
    job.startedAtMs,
    job.finishedAtMs,
    job.executorId,
    job.attempt,
    job.nextAttemptAtMs,
    counters.tablesScanned,
    counters.tablesChanged,
    counters.viewsScanned,
    counters.viewsChanged,
    counters.errors,
    counters.snapshotsProcessed,
    counters.statsProcessed,
    job.pinnedExecutorId,
    job.policy.executionClass,
    job.policy.lane,
    toJsonText(job.policy.attributes),
    job.laneKey,
    job.connectorId,
    job.mode,
    job.fullRescan ? 1 : 0,
    toJsonText(job.scope),
    job.group?.planId ?? null,
    job.group?.groupId ?? null,
    job.snapshot?.tableId ?? null,
    job.snapshot?.snapshotId ?? null,
    job.createdAtMs,
  ];
}

const jobState = z.enum(["queued", "running", "waiting", "cancelling", "succeeded", "failed", "cancelled"]);
const jobKind = z.enum(JOB_KINDS);

function jobFrom(row: Row): Job {
  const planId = row.optionalText("plan_id");
  const groupId = row.optionalText("group_id");
  const tableId = row.optionalText("table_id");
  const snapshotId = row.optionalInt64("snapshot_id");
  return {
    jobId: row.text("job_id"),
    accountId: row.text("account_id"),
    parentJobId: row.text("parent_job_id"),
    kind: jobKind.parse(row.text("kind")),
    state: jobState.parse(row.text("state")),
    message: row.text("message"),
    startedAtMs: row.number("started_at"),
    finishedAtMs: row.number("finished_at"),
    executorId: row.text("executor_id"),
    attempt: row.number("attempt"),
    nextAttemptAtMs: row.number("next_attempt_at"),
    counters: {
      tablesScanned: row.int64("tables_scanned"),
      tablesChanged: row.int64("tables_changed"),
      viewsScanned: row.int64("views_scanned"),
      viewsChanged: row.int64("views_changed"),
      errors: row.int64("errors"),
      snapshotsProcessed: row.int64("snapshots_processed"),
      statsProcessed: row.int64("stats_processed"),
    },
    pinnedExecutorId: row.text("pinned_executor_id"),
    policy: {
      executionClass: row.number("execution_class"),
      lane: row.text("lane"),
      attributes: fromJsonText(stringMap, row.text("attributes")),
    },
    laneKey: row.text("lane_key"),
    connectorId: row.text("connector_id"),
    mode: row.number("mode"),
    fullRescan: row.flag("full_rescan"),
    scope: fromJsonText(scopeSchema, row.text("scope")),
    group: planId === undefined || groupId === undefined ? undefined : { planId, groupId },
    snapshot: tableId === undefined || snapshotId === undefined ? undefined : { tableId, snapshotId },
    createdAtMs: row.number("created_at"),
  };
}
