import type { Job } from "../../protocol/index.ts";
import { formatCount, formatDuration, keepEnd, keepStart, printable } from "../terminal/format.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";
import type { WatchedJob } from "./watch.ts";

const JOB_COLUMNS: readonly TableColumn[] = [
  { title: "job", align: "left" },
  { title: "kind", align: "left" },
  { title: "state", align: "left" },
  { title: "started", align: "left" },
  { title: "took", align: "right" },
  { title: "executor", align: "left" },
  { title: "message", align: "left" },
];

const FILE_COLUMNS: readonly TableColumn[] = [
  { title: "file", align: "left" },
  { title: "state", align: "left" },
  { title: "statistics", align: "right" },
  { title: "sidecar", align: "left" },
  { title: "message", align: "left" },
];

export function renderJobs(jobs: readonly Job[]): string {
  return jobs.length === 0 ? "no jobs" : renderTable(JOB_COLUMNS, jobs.map(jobCells));
}

export function renderJob(job: Job, descendants: readonly Job[]): string {
  const parts = [renderTable(JOB_COLUMNS, [jobCells(job)])];
  if (job.message !== "") parts.push(printable(job.message));
  if (job.files.total > 0n) {
    parts.push(
      `${formatCount(job.fileGroups.completed)} of ${formatCount(job.fileGroups.total)} file groups done, ` +
        `${formatCount(job.fileGroups.failed)} failed; ${formatCount(job.files.completed)} of ${formatCount(job.files.total)} files done, ` +
        `${formatCount(job.files.failed)} failed`,
    );
  }
  if (job.fileResults.length > 0) {
    parts.push(
      renderTable(
        FILE_COLUMNS,
        job.fileResults.map((result) => [
          keepEnd(result.filePath, 60),
          result.state,
          formatCount(result.statsProcessed),
          result.artifactUri === "" ? "–" : keepEnd(result.artifactUri, 24),
          keepStart(result.message, 60),
        ]),
      ),
    );
  }
  if (descendants.length > 0) parts.push(renderTable(JOB_COLUMNS, descendants.map(jobCells)));
  return parts.join("\n\n");
}

/** One line of `jobs watch`. */
export function renderWatched({ job, groups }: WatchedJob): string {
  const below =
    groups.total === 0
      ? ""
      : `  ${formatCount(groups.succeeded)} of ${formatCount(groups.total)} groups done${groups.failed === 0 ? "" : `, ${formatCount(groups.failed)} not captured`}`;
  return `${job.state.padEnd(10)}${below}${job.message === "" ? "" : `  ${printable(job.message)}`}`;
}

function jobCells(job: Job): readonly string[] {
  return [
    job.jobId,
    job.kind,
    job.state,
    job.startedAtMs === undefined ? "–" : new Date(job.startedAtMs).toISOString(),
    job.startedAtMs === undefined ? "–" : formatDuration(Number(job.durationMs)),
    keepStart(job.executorId, 32),
    keepStart(job.message, 60),
  ];
}

/** 64-bit counts as strings, times in ISO form; what is not known is null. */
export function toJson(job: Job) {
  return {
    jobId: job.jobId,
    parentJobId: job.parentJobId === "" ? null : job.parentJobId,
    connectorId: job.connectorId,
    kind: job.kind,
    state: job.state,
    message: job.message,
    startedAt: isoTime(job.startedAtMs),
    finishedAt: isoTime(job.finishedAtMs),
    durationMs: String(job.durationMs),
    executorId: job.executorId,
    fullRescan: job.fullRescan,
    sourceTable: job.sourceTable,
    errors: String(job.errors),
    statsProcessed: String(job.statsProcessed),
    indexesProcessed: String(job.indexesProcessed),
    fileGroups: countsJson(job.fileGroups),
    files: countsJson(job.files),
    fileResults: job.fileResults.map((result) => ({
      filePath: result.filePath,
      state: result.state,
      statsProcessed: String(result.statsProcessed),
      message: result.message,
      artifactUri: result.artifactUri === "" ? null : result.artifactUri,
    })),
  };
}

function countsJson(counts: Job["files"]) {
  return {
    total: String(counts.total),
    completed: String(counts.completed),
    failed: String(counts.failed),
  };
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
