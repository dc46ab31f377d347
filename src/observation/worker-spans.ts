/**
 * A worker's traces: one for each job, from the lease call to its end, with a span for each capture of the group, each file and each
 * attempt of a call. Names and attributes go by OpenTelemetry's conventions where they have any.
 */
import type { Clock } from "../model/index.ts";
import type { LeasedJob } from "../protocol/port.ts";
import type { Attributes, SpanKind, SpanSink } from "../telemetry/index.ts";
import { errorText, type JobEnd, publicText, type WorkerEvent } from "../worker/index.ts";
import type { ObservedCall } from "./call.ts";

export interface WorkerSpansOptions {
  readonly clock: Pick<Clock, "nowMs">;
  readonly sink: SpanSink;
  /** Random bytes, for ids. */
  readonly randomHex: (bytes: number) => string;
}

interface OpenJob {
  readonly traceId: string;
  readonly spanId: string;
  readonly startMs: number;
  readonly attributes: Record<string, string | number | boolean>;
  capture: { readonly spanId: string; readonly startMs: number } | undefined;
  error: string | undefined;
}

const SERVICE = "ai.floedb.floecat.reconciler.ReconcileExecutorControl";
const MAX_ERROR_CHARACTERS = 500;

export class WorkerSpans {
  readonly #options: WorkerSpansOptions;
  readonly #jobs = new Map<string, OpenJob>();

  constructor(options: WorkerSpansOptions) {
    this.#options = options;
  }

  onCall(call: ObservedCall): void {
    // A lease call that found nothing belongs to no job.
    if (call.leasedJob !== undefined) this.#open(call.leasedJob, call.startedAtMs);
    const lease = call.leasedJob ?? call.lease;
    const open = lease && this.#jobs.get(keyOf(lease));
    if (open === undefined) return;
    const method = call.call.charAt(0).toUpperCase() + call.call.slice(1);
    this.#add(open, {
      name: `${SERVICE}/${method}`,
      kind: "client",
      startMs: call.startedAtMs,
      endMs: call.startedAtMs + call.durationMs,
      attributes: {
        "rpc.system": "grpc",
        "rpc.service": SERVICE,
        "rpc.method": method,
        "rpc.grpc.status_code": STATUS_CODES.indexOf(call.code),
      },
      error: call.code === "OK" ? undefined : call.code,
    });
  }

  onEvent(event: WorkerEvent): void {
    const open = "job" in event ? this.#jobs.get(keyOf(event.job)) : undefined;
    if (open === undefined) return;
    const nowMs = this.#options.clock.nowMs();
    switch (event.type) {
      case "capture-started":
        open.capture = { spanId: this.#options.randomHex(8), startMs: nowMs };
        open.attributes["floecat.table.id"] = event.group.tableId.id;
        open.attributes["floecat.snapshot.id"] = String(event.group.snapshotId);
        open.attributes["floecat.group.files"] = event.group.filePaths.length;
        return;
      case "file-captured":
        this.#addFile(open, event.file, nowMs);
        return;
      case "group-captured":
        this.#endCapture(open, nowMs, undefined);
        return;
      case "group-failed":
        open.error = short(errorText(event.error));
        this.#endCapture(open, nowMs, open.error);
        return;
      case "job-unfit":
        this.#end(keyOf(event.job), open, nowMs, { at: "done", outcome: "handed-back" });
        return;
      case "job-ended":
        this.#end(keyOf(event.job), open, nowMs, event.end);
        return;
      default:
    }
  }

  #open(job: LeasedJob, startMs: number): void {
    const { randomHex } = this.#options;
    this.#jobs.set(keyOf(job), {
      traceId: randomHex(16),
      spanId: randomHex(8),
      startMs,
      capture: undefined,
      error: undefined,
      attributes: {
        "floecat.job.id": job.jobId,
        "floecat.lease.epoch": job.leaseEpoch,
        "floecat.account.id": job.accountId,
        "floecat.plan.id": job.planId,
        "floecat.group.id": job.groupId,
      },
    });
  }

  #addFile(
    open: OpenJob,
    file: Extract<WorkerEvent, { type: "file-captured" }>["file"],
    nowMs: number,
  ): void {
    this.#add(
      open,
      {
        name: "capture file",
        kind: "internal",
        startMs: nowMs - file.durationMs,
        endMs: nowMs,
        attributes: {
          "file.path": short(publicText(file.path)),
          "floecat.file.rows": Number(file.rows ?? 0n),
          "floecat.file.pages": file.pages,
          "floecat.storage.read_bytes": file.bytesRead,
          "floecat.storage.reads": file.requests,
        },
        error: undefined,
      },
      open.capture?.spanId,
    );
  }

  #endCapture(open: OpenJob, endMs: number, error: string | undefined): void {
    const { capture } = open;
    if (capture === undefined) return;
    open.capture = undefined;
    this.#options.sink.add({
      traceId: open.traceId,
      spanId: capture.spanId,
      parentSpanId: open.spanId,
      name: "capture group",
      kind: "internal",
      startMs: capture.startMs,
      endMs,
      attributes: { "floecat.group.id": open.attributes["floecat.group.id"] ?? "" },
      error,
    });
  }

  #end(key: string, open: OpenJob, endMs: number, end: JobEnd): void {
    this.#jobs.delete(key);
    const outcome = end.at === "done" ? end.outcome : end.at;
    const reason = end.at === "done" ? open.error : short(publicText(end.reason));
    this.#endCapture(open, endMs, reason ?? outcome);
    this.#options.sink.add({
      traceId: open.traceId,
      spanId: open.spanId,
      parentSpanId: undefined,
      name: "file-group job",
      kind: "consumer",
      startMs: open.startMs,
      endMs,
      attributes: { ...open.attributes, "floecat.job.outcome": outcome },
      error: outcome === "succeeded" ? undefined : (reason ?? outcome),
    });
  }

  #add(
    open: OpenJob,
    span: {
      readonly name: string;
      readonly kind: SpanKind;
      readonly startMs: number;
      readonly endMs: number;
      readonly attributes: Attributes;
      readonly error: string | undefined;
    },
    parentSpanId: string = open.spanId,
  ): void {
    const spanId = this.#options.randomHex(8);
    this.#options.sink.add({ traceId: open.traceId, spanId, parentSpanId, ...span });
  }
}

/** By their numbers. */
const STATUS_CODES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

function keyOf({ jobId, leaseEpoch }: { readonly jobId: string; readonly leaseEpoch: string }): string {
  return `${jobId}\u0000${leaseEpoch}`;
}

function short(text: string): string {
  return text.length <= MAX_ERROR_CHARACTERS ? text : `${text.slice(0, MAX_ERROR_CHARACTERS)}…`;
}
