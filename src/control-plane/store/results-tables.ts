import type { Database } from "./database.ts";
import { fromJsonText, stringList, toJsonText } from "./json.ts";
import type { Row } from "./row.ts";

/** What a snapshot was planned into: the authoritative paths of every group (02 §4.6). */
export interface PlannedGroup {
  readonly planId: string;
  readonly groupId: string;
  /** Plan order. */
  readonly filePaths: readonly string[];
}

/** Outcome of one planned file (01 §4.3). `state` is the number of `ReconcileFileResult.State`. */
export interface FileResult {
  readonly filePath: string;
  readonly state: number;
  readonly statsProcessed: bigint;
  readonly message: string;
  /** `artifactUri` is `""` without an artifact. */
  readonly artifact: { readonly uri: string; readonly format: string; readonly formatVersion: number };
}

export const FILE_STATE = { unspecified: 0, succeeded: 1, failed: 2, skipped: 3 } as const;
export const NO_ARTIFACT: FileResult["artifact"] = { uri: "", format: "", formatVersion: 0 };

/** Records in a document of the blob store instead of the message (inline, 01 §4.5.1). */
export interface StatsManifest {
  readonly uri: string;
  readonly recordCount: number;
}

/** Partial aggregate of a group, by target (chunked, 02 §5.4 step 6). */
export interface Partial {
  readonly storageId: string;
  readonly record: Uint8Array;
}

export type ResultsTables = ReturnType<typeof resultsTables>;

export function resultsTables(db: Database) {
  const putGroup = db.prepare("INSERT INTO planned_groups VALUES (?, ?, ?, ?, ?, ?)");
  const groups = db.prepare("SELECT * FROM planned_groups WHERE parent_job_id = ? ORDER BY position");
  const group = db.prepare(
    `SELECT * FROM planned_groups WHERE parent_job_id = ? AND plan_id = ? AND group_id = ?
     ORDER BY position LIMIT 1`,
  );
  const planSize = db.prepare(
    `SELECT COUNT(*) AS group_count, COALESCE(SUM(file_count), 0) AS file_count FROM planned_groups
     WHERE parent_job_id = ?`,
  );
  const fileStates = db.prepare(
    `SELECT file_results.state AS state, COUNT(*) AS files FROM jobs JOIN file_results USING (job_id)
     WHERE jobs.parent_job_id = ? AND jobs.kind = 'exec-file-group' GROUP BY file_results.state`,
  );
  const putResult = db.prepare("INSERT OR REPLACE INTO group_results VALUES (?, ?, ?)");
  const getResult = db.prepare("SELECT * FROM group_results WHERE job_id = ?");
  const clearFiles = db.prepare("DELETE FROM file_results WHERE job_id = ?");
  const putFile = db.prepare("INSERT INTO file_results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const files = db.prepare("SELECT * FROM file_results WHERE job_id = ? ORDER BY position");
  const putPartial = db.prepare("INSERT OR REPLACE INTO partials VALUES (?, ?, ?, ?)");
  const partials = db.prepare("SELECT * FROM partials WHERE job_id = ? ORDER BY position, storage_id");
  const removals = [
    "DELETE FROM planned_groups WHERE parent_job_id = ?",
    "DELETE FROM group_results WHERE job_id = ?",
    "DELETE FROM file_results WHERE job_id = ?",
    "DELETE FROM partials WHERE job_id = ?",
  ].map((sql) => db.prepare(sql));

  return {
    putPlan(parentJobId: string, plan: readonly PlannedGroup[]): void {
      plan.forEach((group, position) => {
        const { planId, groupId, filePaths } = group;
        putGroup.run(parentJobId, position, planId, groupId, toJsonText(filePaths), filePaths.length);
      });
    },
    plan(parentJobId: string): PlannedGroup[] {
      return groups.all(parentJobId).map(groupFrom);
    },
    /** The first group of the plan with these ids. */
    plannedGroup(
      parentJobId: string,
      { planId, groupId }: Omit<PlannedGroup, "filePaths">,
    ): PlannedGroup | undefined {
      const row = group.get(parentJobId, planId, groupId);
      return row && groupFrom(row);
    },
    planSize(parentJobId: string): { readonly groupCount: number; readonly fileCount: number } {
      const row = planSize.get(parentJobId);
      return { groupCount: row?.number("group_count") ?? 0, fileCount: row?.number("file_count") ?? 0 };
    },
    /** Number of file results by their state, over all groups of a plan. */
    fileStates(parentJobId: string): ReadonlyMap<number, number> {
      return new Map(fileStates.all(parentJobId).map((row) => [row.number("state"), row.number("files")]));
    },
    /** Replaces what an earlier attempt stored. */
    putResults(jobId: string, results: readonly FileResult[], manifest?: StatsManifest): void {
      putResult.run(jobId, manifest?.uri ?? "", manifest?.recordCount ?? 0);
      clearFiles.run(jobId);
      results.forEach((result, position) => {
        const { artifact } = result;
        putFile.run(
          jobId,
          position,
          result.filePath,
          result.state,
          result.statsProcessed,
          result.message,
          artifact.uri,
          artifact.format,
          artifact.formatVersion,
        );
      });
    },
    /** Undefined until a result was submitted; an empty list is a result of its own. */
    results(jobId: string): FileResult[] | undefined {
      if (getResult.get(jobId) === undefined) return undefined;
      return files.all(jobId).map((row) => ({
        filePath: row.text("file_path"),
        state: row.number("state"),
        statsProcessed: row.int64("stats_processed"),
        message: row.text("message"),
        artifact: {
          uri: row.text("artifact_uri"),
          format: row.text("artifact_format"),
          formatVersion: row.number("artifact_format_version"),
        },
      }));
    },
    manifest(jobId: string): StatsManifest | undefined {
      const row = getResult.get(jobId);
      const uri = row?.text("manifest_uri") ?? "";
      return row === undefined || uri === ""
        ? undefined
        : { uri, recordCount: row.number("manifest_record_count") };
    },
    /** Partials of an earlier attempt stay unless the same target comes again. */
    mergePartials(jobId: string, sent: readonly Partial[]): void {
      sent.forEach(({ storageId, record }, position) => {
        putPartial.run(jobId, position, storageId, record);
      });
    },
    partials(jobId: string): Uint8Array[] {
      return partials.all(jobId).map((row) => row.bytes("record"));
    },
    remove(jobId: string): void {
      for (const removal of removals) removal.run(jobId);
    },
  };
}

function groupFrom(row: Row): PlannedGroup {
  return {
    planId: row.text("plan_id"),
    groupId: row.text("group_id"),
    filePaths: fromJsonText(stringList, row.text("file_paths")),
  };
}
