/** What a worker's status page shows, kept up to date by its events and calls. */
import type { Failure, JobInFlight, Readiness, Status, StatusSource, Totals } from "../dashboard/index.ts";
import type { Clock } from "../model/index.ts";
import type { LeasedJob } from "../protocol/port.ts";
import {
  failureDetail,
  type JobEnd,
  publicText,
  type WorkerEvent,
  type WorkerStatus,
} from "../worker/index.ts";
import type { ObservedCall } from "./call.ts";
import { Recent, RecentThroughput } from "./recent.ts";

const KEPT_FAILURES = 50;

interface JobEntry {
  readonly job: LeasedJob;
  readonly startedAtMs: number;
  tableId: string;
  snapshotId: string;
  groupId: string;
  stage: string;
  filesDone: number;
  fileCount: number;
  leasedAtMs: number;
  reason: string;
}

export interface WorkerStatusOptions {
  readonly clock: Pick<Clock, "nowMs">;
  readonly version: string;
  readonly instanceId: string;
  readonly controlPlane: string;
  readonly slots: number;
  readonly readiness: () => Readiness;
}

export class WorkerStatusModel implements StatusSource {
  readonly #options: WorkerStatusOptions;
  readonly #startedAtMs: number;
  readonly #jobs = new Map<string, JobEntry>();
  readonly #throughput = new RecentThroughput();
  readonly #failures = new Recent<Failure>(KEPT_FAILURES);
  #totals: Totals = { jobsSucceeded: 0, jobsFailed: 0, files: 0, rows: 0, pages: 0, bytesRead: 0 };
  #worker:
    | { readonly read: () => WorkerStatus; readonly generation: string; readonly leaseMs: number }
    | undefined;

  constructor(options: WorkerStatusOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  watch(read: () => WorkerStatus, server: { readonly generation: string; readonly leaseMs: number }): void {
    this.#worker = { read, ...server };
  }

  onCall({ lease, renewedLease, startedAtMs }: ObservedCall): void {
    const entry = renewedLease && lease !== undefined ? this.#jobs.get(keyOf(lease)) : undefined;
    if (entry !== undefined) entry.leasedAtMs = Math.max(entry.leasedAtMs, startedAtMs);
  }

  onEvent(event: WorkerEvent): void {
    const nowMs = this.#options.clock.nowMs();
    if (event.type === "leased") {
      this.#jobs.set(keyOf(event.job), leasedEntry(event.job, nowMs));
      return;
    }
    const entry = "job" in event ? this.#jobs.get(keyOf(event.job)) : undefined;
    if (entry === undefined) return;
    switch (event.type) {
      case "capture-started":
        entry.stage = "capturing";
        entry.fileCount = event.group.filePaths.length;
        entry.tableId = event.group.tableId.id;
        entry.snapshotId = String(event.group.snapshotId);
        entry.groupId = event.group.groupId;
        return;
      case "file-captured":
        this.#countFile(entry, event, nowMs);
        return;
      case "group-captured":
        entry.stage = "submitting";
        return;
      case "group-failed":
        entry.stage = "failing";
        entry.reason = failureDetail(event.error);
        return;
      case "job-unfit":
        this.#jobs.delete(keyOf(event.job));
        this.#fail(entry, "given back", event.reason, nowMs);
        return;
      case "job-ended":
        this.#jobs.delete(keyOf(event.job));
        this.#end(entry, event.end, nowMs);
        return;
      default:
    }
  }

  status(): Status {
    const { clock, version, instanceId, controlPlane, slots, readiness } = this.#options;
    const nowMs = clock.nowMs();
    const worker = this.#worker;
    return {
      role: "worker",
      version,
      identity: instanceId,
      generation: worker?.generation,
      controlPlane,
      startedAtMs: this.#startedAtMs,
      nowMs,
      readiness: readiness(),
      jobs: [...this.#jobs.values()].map((entry) => shown(entry, worker?.leaseMs)),
      queue: undefined,
      slots: { busy: worker?.read().capturing ?? 0, all: slots },
      totals: this.#totals,
      throughput: this.#throughput.read(nowMs),
      failures: this.#failures.read(),
    };
  }

  #countFile(entry: JobEntry, event: Extract<WorkerEvent, { type: "file-captured" }>, nowMs: number): void {
    const { rows = 0n, pages, bytesRead } = event.file;
    entry.filesDone = event.filesCaptured;
    this.#throughput.add(nowMs, 1, bytesRead);
    this.#totals = {
      ...this.#totals,
      files: this.#totals.files + 1,
      rows: this.#totals.rows + Number(rows),
      pages: this.#totals.pages + pages,
      bytesRead: this.#totals.bytesRead + bytesRead,
    };
  }

  #end(entry: JobEntry, end: JobEnd, nowMs: number): void {
    if (end.at === "done" && end.outcome === "succeeded") {
      this.#totals = { ...this.#totals, jobsSucceeded: this.#totals.jobsSucceeded + 1 };
      return;
    }
    const outcome = end.at === "done" ? end.outcome : end.at;
    const reason = end.at === "done" ? entry.reason : end.reason;
    this.#fail(entry, outcome, reason === "" ? "no reason was given" : reason, nowMs);
  }

  #fail(entry: JobEntry, outcome: string, reason: string, nowMs: number): void {
    this.#totals = { ...this.#totals, jobsFailed: this.#totals.jobsFailed + 1 };
    this.#failures.add({
      atMs: nowMs,
      jobId: entry.job.jobId,
      groupId: entry.groupId,
      tableId: entry.tableId,
      outcome,
      reason: publicText(reason),
    });
  }
}

function keyOf({ jobId, leaseEpoch }: { readonly jobId: string; readonly leaseEpoch: string }): string {
  return `${jobId}\u0000${leaseEpoch}`;
}

function leasedEntry(job: LeasedJob, nowMs: number): JobEntry {
  return {
    job,
    startedAtMs: nowMs,
    tableId: "",
    snapshotId: "",
    groupId: job.groupId,
    stage: "waiting",
    filesDone: 0,
    fileCount: 0,
    leasedAtMs: nowMs,
    reason: "",
  };
}

function shown(entry: JobEntry, leaseMs: number | undefined): JobInFlight {
  return {
    jobId: entry.job.jobId,
    groupId: entry.groupId,
    tableId: entry.tableId,
    snapshotId: entry.snapshotId,
    stage: entry.stage,
    filesDone: entry.filesDone,
    fileCount: entry.fileCount,
    startedAtMs: entry.startedAtMs,
    attempt: undefined,
    executor: undefined,
    lease: leaseMs === undefined ? undefined : { endsAtMs: entry.leasedAtMs + leaseMs, lengthMs: leaseMs },
  };
}
