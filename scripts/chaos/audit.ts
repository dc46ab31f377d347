/**
 * What became of the jobs. Triggers in the job store note what must not happen while it happens, so that a state that mends
 * itself later is seen too, and however often the control plane is killed; the rest is counted at the end.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BASE_PUBLICATION, FILE_STATE, openJobStore } from "../../src/control-plane/store/index.ts";
import { type Generation, type StatsRecord, systemClock } from "../../src/model/index.ts";
import { loadRecordCodec } from "../../src/protocol/index.ts";
import { TINY_ROWS } from "../../test/support/tiny-table.ts";

export interface Findings {
  readonly succeeded: number;
  /** Jobs that ended otherwise or not at all, or that succeeded without a result of each of their files. */
  readonly lost: number;
  /** Results that differ from those of the same file at another time, or of its equals; ends that were left again. */
  readonly conflicting: number;
  /** Successes, results and records beyond one each; what a roll-up counted more than once. */
  readonly duplicates: number;
  /** Snapshots without their aggregates, or whose job hasn't succeeded. */
  readonly unfinalised: number;
  readonly held_leases: number;
  /** What the first findings were about, for people. */
  readonly details: readonly string[];
}

export interface AuditedTable {
  readonly rootJobId: string;
  readonly accountId: string;
  readonly tableId: string;
  readonly snapshotId: bigint;
  readonly files: number;
}

const TRIGGERS = `
  CREATE TABLE chaos_audit (what TEXT NOT NULL, about TEXT NOT NULL) STRICT;

  CREATE TRIGGER chaos_succeeded BEFORE INSERT ON jobs
  WHEN NEW.state = 'succeeded' AND NEW.kind = 'exec-file-group'
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE job_id = NEW.job_id AND state = 'succeeded')
  BEGIN INSERT INTO chaos_audit VALUES ('succeeded', NEW.job_id); END;

  CREATE TRIGGER chaos_left BEFORE INSERT ON jobs
  WHEN EXISTS (SELECT 1 FROM jobs WHERE job_id = NEW.job_id
    AND state IN ('succeeded', 'failed', 'cancelled') AND state <> NEW.state)
  BEGIN INSERT INTO chaos_audit VALUES ('left its end', NEW.job_id); END;

  -- A result that a failed attempt left, or inline's before its Complete, is replaced by rights.
  CREATE TRIGGER chaos_result BEFORE INSERT ON group_results
  WHEN EXISTS (SELECT 1 FROM group_results WHERE job_id = NEW.job_id)
    AND EXISTS (SELECT 1 FROM jobs WHERE job_id = NEW.job_id AND state = 'succeeded')
  BEGIN INSERT INTO chaos_audit VALUES ('result again', NEW.job_id); END;

  CREATE TRIGGER chaos_changed BEFORE INSERT ON statistics
  WHEN NEW.file_path IS NOT NULL AND EXISTS (SELECT 1 FROM statistics AS old
    WHERE old.account_id = NEW.account_id AND old.table_id = NEW.table_id AND old.snapshot_id = NEW.snapshot_id
    AND old.publication = NEW.publication AND old.storage_id = NEW.storage_id AND old.record <> NEW.record)
  BEGIN INSERT INTO chaos_audit VALUES ('record changed', NEW.file_path); END;
`;

/** Before the control plane is first started. */
export function installAudit(dataDir: string, generation: Generation): void {
  openJobStore({ dataDir, generation, clock: systemClock }).close();
  withDatabase(dataDir, (db) => db.exec(TRIGGERS));
}

/** After it has been stopped. */
export async function audit(
  dataDir: string,
  generation: Generation,
  run: { readonly jobs: number; readonly tables: readonly AuditedTable[] },
): Promise<Findings> {
  const details: string[] = [];
  const counted = withDatabase(dataDir, (db) => {
    const rows = (sql: string) => db.prepare(sql).all();
    const count = (sql: string) => Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
    const told = (what: string) => {
      const found = rows(`SELECT about FROM chaos_audit WHERE what = '${what}'`);
      for (const { about } of found) details.push(`${what}: ${String(about)}`);
      return found.length;
    };
    const unfinished = rows(
      `SELECT job_id, kind, state, message FROM jobs WHERE kind = 'exec-file-group' AND state <> 'succeeded'`,
    );
    for (const job of unfinished) details.push(`not succeeded: ${JSON.stringify(job)}`);
    const again = rows(
      `SELECT about, COUNT(*) AS n FROM chaos_audit WHERE what = 'succeeded' GROUP BY about HAVING n > 1`,
    );
    for (const job of again) details.push(`succeeded more than once: ${JSON.stringify(job)}`);
    const hollow = rows(
      `SELECT job_id FROM jobs WHERE kind = 'exec-file-group' AND state = 'succeeded' AND (
         SELECT COUNT(*) FROM file_results WHERE file_results.job_id = jobs.job_id
         AND file_results.state = ${FILE_STATE.succeeded} AND artifact_uri <> '') <> 1`,
    );
    for (const job of hollow) details.push(`succeeded without a result: ${String(job.job_id)}`);
    return {
      hollow: hollow.length,
      succeeded: count(`SELECT COUNT(*) FROM jobs WHERE kind = 'exec-file-group' AND state = 'succeeded'`),
      conflicting: told("left its end") + told("record changed"),
      duplicates: again.length + told("result again"),
      held_leases: count("SELECT COUNT(*) FROM leases"),
      unfinished: rows(
        `SELECT job_id, kind, state, message FROM jobs WHERE kind <> 'exec-file-group' AND state <> 'succeeded'`,
      ),
    };
  });
  const { unfinished, succeeded, ...rest } = counted;
  const records = await auditRecords(dataDir, generation, run.tables, details);
  const unfinalised = new Set(records.unfinalised);
  for (const job of unfinished) {
    details.push(`not succeeded: ${JSON.stringify(job)}`);
    unfinalised.add(String(job.job_id));
  }
  return {
    succeeded,
    lost: run.jobs - succeeded + rest.hollow,
    held_leases: rest.held_leases,
    conflicting: rest.conflicting + records.conflicting,
    duplicates: rest.duplicates + records.duplicates,
    unfinalised: unfinalised.size,
    details,
  };
}

/** Every file of every table has the same contents, so every record must be the same but for what names it. */
async function auditRecords(
  dataDir: string,
  generation: Generation,
  tables: readonly AuditedTable[],
  details: string[],
) {
  const codec = await loadRecordCodec(generation);
  const store = openJobStore({ dataDir, generation, clock: systemClock });
  const images = new Map<string, number>();
  const unfinalised: string[] = [];
  let conflicting = 0;
  let duplicates = 0;
  try {
    for (const table of tables) {
      const records = store.statistics
        .all(table, BASE_PUBLICATION)
        .map(({ record }) => codec.statsFromBytes(record));
      const files = records.filter(({ value }) => value.kind === "file");
      for (const file of files) images.set(imageOf(file), (images.get(imageOf(file)) ?? 0) + 1);
      if (files.length > table.files) duplicates += files.length - table.files;
      if (files.length < table.files)
        details.push(`${table.tableId}: ${files.length} of ${table.files} records`);
      const sidecars = store.statistics.artifacts(table).length;
      if (sidecars < table.files) details.push(`${table.tableId}: ${sidecars} of ${table.files} sidecars`);
      const rows = BigInt(table.files * TINY_ROWS);
      const aggregates = records.filter(({ value }) => value.kind !== "file");
      if (aggregates.length === 0 || Math.min(files.length, sidecars) < table.files)
        unfinalised.push(table.rootJobId);
      for (const { value } of aggregates) {
        const rowCount =
          value.kind === "table"
            ? value.table.rowCount
            : value.kind === "scalar"
              ? value.scalar.rowCount
              : rows;
        if (rowCount === rows) continue;
        details.push(`${table.tableId}: a ${value.kind} record counts ${rowCount} of ${rows} rows`);
        if (rowCount > rows) duplicates++;
        else conflicting++;
      }
    }
  } finally {
    store.close();
  }
  if (images.size > 1) {
    const counts = [...images.values()].sort((a, b) => b - a);
    conflicting += counts.slice(1).reduce((sum, n) => sum + n, 0);
    details.push(`${images.size} different FILE records of equal files`);
  }
  return { conflicting, duplicates, unfinalised };
}

function imageOf(record: StatsRecord): string {
  const { value } = record;
  const file = value.kind === "file" ? { ...value.file, filePath: "" } : value;
  return JSON.stringify({ ...record, tableId: "", target: "", value: file }, (_key, field: unknown) =>
    typeof field === "bigint" ? String(field) : field,
  );
}

function withDatabase<T>(dataDir: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(dataDir, "control-plane.sqlite"));
  try {
    return work(db);
  } finally {
    db.close();
  }
}
