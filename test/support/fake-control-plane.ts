/**
 * A control plane in memory behind the worker's port: jobs, leases and outcomes by the rules of 02 §3–§6 (durable store),
 * under the test's clock, with faults that a test plans call by call. What it was asked stands in `calls`, and as a sequence
 * in the notation of 03 §15.
 */
import type { FileGroup, Generation } from "../../src/model/index.ts";
import {
  type CallOptions,
  type Completion,
  type ControlPlane,
  type ControlPlaneCall,
  ControlPlaneError,
  controlPlaneErrorKind,
  type GroupFailure,
  type GroupResult,
  type JobKind,
  type Lease,
  type LeaseAnswer,
  type LeasedJob,
  type LeaseRequest,
  type PreparedSubmission,
  type Progress,
  type StatusParts,
} from "../../src/protocol/port.ts";
import type { FakeClock } from "./fake-clock.ts";
import { type CallSign, type Fault, FaultPlan, StatusThrown, throwStatus } from "./fault-plan.ts";
import { aFileGroup } from "./file-groups.ts";

export interface FakeJob {
  readonly jobId: string;
  readonly accountId: string;
  readonly group: FileGroup;
  readonly kind: JobKind;
  readonly pinnedExecutorId: string;
  /** Ids of the leased task; the payload's by default. */
  readonly task: { readonly planId: string; readonly groupId: string };
  state: "queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";
  /** An ancestor is being cancelled (chunked, 02 §3.8). */
  ancestorCancelling: boolean;
  message: string;
  leaseEpoch: string;
  leaseExpiresAtMs: number;
  attempt: number;
  dueAtMs: number;
  executorId: string;
  statsProcessed: bigint;
  errors: bigint;
  /** The result that is stored, if any. */
  result: GroupResult | undefined;
  failure: string | undefined;
  /** How often a result was stored for good. */
  storedResults: number;
}

export interface RecordedCall {
  readonly sign: CallSign;
  readonly atMs: number;
  readonly jobId: string;
  /** What was sent, as far as a test may want to see it. */
  readonly sent: unknown;
}

export interface FakeControlPlaneOptions {
  readonly clock: FakeClock;
  readonly generation?: Generation;
  readonly leaseMs?: number;
  readonly maxAttempts?: number;
  /** Records and artifacts a chunk. */
  readonly itemsPerChunk?: number;
  /** Time that every call takes. */
  readonly latencyMs?: number;
}

const CALLS: Record<CallSign, ControlPlaneCall> = {
  L: "leaseReconcileJob",
  S: "startLeasedReconcileJob",
  R: "renewReconcileLease",
  P: "reportReconcileProgress",
  "C?": "getReconcileCancellation",
  G: "getLeasedFileGroupExecution",
  K: "submitLeasedFileGroupExecutionResult",
  OK: "submitLeasedFileGroupExecutionResult",
  KO: "submitLeasedFileGroupExecutionResult",
  X: "completeLeasedReconcileJob",
};

const RENEW_GRACE_MS = 5000;
const NOT_HELD: LeaseAnswer = { held: false, cancellationRequested: false };
const DEADLINE: StatusParts = { code: "DEADLINE_EXCEEDED", message: "deadline exceeded" };

export class FakeControlPlane implements ControlPlane {
  readonly generation: Generation;
  readonly jobs: FakeJob[] = [];
  readonly calls: RecordedCall[] = [];
  readonly #clock: FakeClock;
  readonly #leaseMs: number;
  readonly #maxAttempts: number;
  readonly #itemsPerChunk: number;
  readonly #latencyMs: number;
  readonly #faults = new FaultPlan();
  /** Bytes of what was accepted, by idempotency key (02 §6). */
  readonly #accepted = new Map<string, string>();
  #epochs = 0;

  constructor(options: FakeControlPlaneOptions) {
    this.#clock = options.clock;
    this.generation = options.generation ?? "chunked";
    this.#leaseMs = options.leaseMs ?? (this.generation === "inline" ? 30_000 : 120_000);
    this.#maxAttempts = options.maxAttempts ?? 8;
    this.#itemsPerChunk = options.itemsPerChunk ?? 2;
    this.#latencyMs = options.latencyMs ?? 0;
  }

  get successEndsJob(): boolean {
    return this.generation === "chunked";
  }

  /** The base job of 03 §19, unless said otherwise. */
  addJob(
    job: Partial<Pick<FakeJob, "jobId" | "group" | "kind" | "pinnedExecutorId" | "task">> = {},
  ): FakeJob {
    const group = job.group ?? aFileGroup({ generation: this.generation });
    const added: FakeJob = {
      jobId: `job-${this.jobs.length + 1}`,
      accountId: "acct",
      kind: "exec-file-group",
      pinnedExecutorId: "",
      task: { planId: group.planId, groupId: group.groupId },
      state: "queued",
      ancestorCancelling: false,
      message: "Queued",
      leaseEpoch: "",
      leaseExpiresAtMs: 0,
      attempt: 0,
      dueAtMs: this.#clock.nowMs(),
      executorId: "",
      statsProcessed: 0n,
      errors: 0n,
      result: undefined,
      failure: undefined,
      storedResults: 0,
      ...job,
      group,
    };
    this.jobs.push(added);
    return added;
  }

  /** What the next calls of this sign meet, in order; the ones after them meet nothing. */
  plan(sign: CallSign, ...faults: readonly Fault[]): void {
    this.#faults.plan(sign, faults);
  }

  /** What every call of this sign meets from now on. */
  planAlways(sign: CallSign, fault: Fault): void {
    this.#faults.planAlways(sign, fault);
  }

  /** What calls meet that nothing else is planned for. */
  planBy(rule: (sign: CallSign) => Fault | undefined): void {
    this.#faults.planBy(rule);
  }

  /** 02 §3.8: the job's own cancellation, which cuts its lease to a second. */
  cancel(job: FakeJob): void {
    if (job.state === "queued") job.state = "cancelled";
    if (job.state !== "running") return;
    job.state = "cancelling";
    job.message = "Cancelling";
    const nowMs = this.#clock.nowMs();
    job.leaseExpiresAtMs = Math.min(Math.max(nowMs, job.leaseExpiresAtMs), nowMs + 1000);
  }

  /** 03 §15, without the lease calls that found nothing. */
  sequence(): string[] {
    return this.calls.flatMap(({ sign, sent }) => {
      if (sign === "L") return sent === "none" ? [] : ["L"];
      return sign === "X" && isCompletion(sent) ? [`X(${sent.state})`] : [sign];
    });
  }

  sent(sign: CallSign): unknown[] {
    return this.calls.filter((call) => call.sign === sign).map((call) => call.sent);
  }

  async lease(request: LeaseRequest, options: CallOptions): Promise<LeasedJob | undefined> {
    return this.#call("L", undefined, request, options, () => {
      const nowMs = this.#clock.nowMs();
      const job = this.jobs
        .filter((candidate) => candidate.state === "queued" && candidate.dueAtMs <= nowMs)
        .filter(({ pinnedExecutorId: pin }) => pin === "" || request.executorIds.includes(pin))
        // Siblings drain in plan order (02 §3.3).
        .sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
      if (job === undefined) return undefined;
      job.state = "running";
      job.message = "Leased";
      job.leaseEpoch = `lease-${++this.#epochs}`;
      job.leaseExpiresAtMs = nowMs + this.#leaseMs;
      return {
        jobId: job.jobId,
        leaseEpoch: job.leaseEpoch,
        accountId: job.accountId,
        kind: job.kind,
        connectorId: "connector-1",
        parentJobId: "parent-1",
        pinnedExecutorId: job.pinnedExecutorId,
        fullRescan: job.group.fullRescan,
        ...job.task,
      };
    });
  }

  async start(lease: Lease, executorId: string, options: CallOptions): Promise<void> {
    return this.#call("S", lease, executorId, options, () => {
      const job = this.#leased(lease);
      if (job?.state === "running" && job.leaseExpiresAtMs > this.#clock.nowMs()) {
        job.message = "Running";
        job.executorId = executorId;
      }
    });
  }

  async renew(lease: Lease, options: CallOptions): Promise<LeaseAnswer> {
    return this.#call("R", lease, undefined, options, () => this.#renew(lease), NOT_HELD);
  }

  async reportProgress(lease: Lease, progress: Progress, options: CallOptions): Promise<LeaseAnswer> {
    return this.#call(
      "P",
      lease,
      progress,
      options,
      () => {
        const answer = this.#renew(lease);
        const job = this.#leased(lease);
        if (answer.held && job?.state === "running") {
          job.statsProcessed = maxOf(job.statsProcessed, progress.statsProcessed);
          if (progress.message.trim() !== "") job.message = progress.message;
        }
        return answer;
      },
      NOT_HELD,
    );
  }

  async getCancellation(lease: Lease, options: CallOptions): Promise<boolean> {
    return this.#call("C?", lease, undefined, options, () =>
      isCancelRequested(this.jobs.find((job) => job.jobId === lease.jobId)),
    );
  }

  async getFileGroup(job: LeasedJob, options: CallOptions): Promise<FileGroup> {
    return this.#call("G", job, undefined, options, () => this.#active(job).group);
  }

  async prepareSubmission(lease: Lease, result: GroupResult): Promise<PreparedSubmission> {
    const chunks = this.successEndsJob ? this.#chunks(result) : [];
    const success = toBytes(
      this.successEndsJob
        ? { resultId: result.resultId, chunkCount: chunks.length, fileResults: result.fileResults }
        : result,
    );
    const messages = [
      ...chunks.map((bytes, index) => ({
        kind: "chunk" as const,
        byteLength: bytes.length,
        send: (options: CallOptions) =>
          this.#call(
            "K",
            lease,
            bytes,
            options,
            () => {
              this.#active(lease);
              this.#once(`${lease.jobId}:${result.resultId}:chunk:${index}`, bytes);
              return true;
            },
            false,
          ),
      })),
      {
        kind: "success" as const,
        byteLength: success.length,
        send: (options: CallOptions) =>
          this.#call("OK", lease, success, options, () => this.#success(lease, result, success), false),
      },
    ];
    return { messages, byteLength: messages.reduce((sum, message) => sum + message.byteLength, 0) };
  }

  async submitFailure(lease: Lease, failure: GroupFailure, options: CallOptions): Promise<boolean> {
    return this.#call("KO", lease, failure, options, () => {
      const job = this.#active(lease);
      if (job.state === "cancelling" && this.successEndsJob) {
        throwStatus({ code: "INTERNAL", message: "Failed to update reconcile job result reference" });
      }
      this.#once(`${lease.jobId}:${failure.resultId}`, toBytes(failure));
      job.failure = failure.message;
      return true;
    });
  }

  async complete(lease: Lease, completion: Completion, options: CallOptions): Promise<boolean> {
    return this.#call("X", lease, completion, options, () => this.#complete(lease, completion), false);
  }

  #complete(lease: Lease, completion: Completion): boolean {
    const job = this.jobs.find((candidate) => candidate.jobId === lease.jobId);
    if (job === undefined) return false;
    if (job.state === "succeeded" && completion.state === "succeeded" && this.successEndsJob) {
      return completion.statsProcessed <= job.statsProcessed;
    }
    if (job.leaseEpoch !== lease.leaseEpoch || !isActive(job)) return false;
    const lateMs = this.#clock.nowMs() - job.leaseExpiresAtMs;
    const retryable = completion.state === "failed" && completion.disposition === "retryable";
    if (lateMs >= 0 && (retryable || (!this.successEndsJob && lateMs > RENEW_GRACE_MS))) return false;
    job.statsProcessed = maxOf(job.statsProcessed, completion.statsProcessed);
    job.errors = completion.errors;
    job.leaseEpoch = "";
    if (job.state === "cancelling" || (retryable && job.ancestorCancelling)) {
      job.state = "cancelled";
      if (completion.state === "cancelled") job.message = completion.message;
    } else if (completion.state === "succeeded") {
      job.state = "succeeded";
      job.message = "Succeeded";
    } else if (completion.state === "cancelled") {
      job.state = "cancelled";
      job.message = completion.message;
    } else {
      job.message = completion.message;
      this.#failAttempt(job, retryable);
    }
    return true;
  }

  #failAttempt(job: FakeJob, retryable: boolean): void {
    job.attempt++;
    job.executorId = "";
    job.state = retryable && job.attempt < this.#maxAttempts ? "queued" : "failed";
    job.dueAtMs = this.#clock.nowMs() + Math.min(30_000, 500 * 2 ** Math.min(8, job.attempt - 1));
  }

  #success(lease: Lease, result: GroupResult, bytes: string): boolean {
    const job = this.#active(lease);
    const key = `${lease.jobId}:${result.resultId}`;
    const replayed = this.#accepted.has(key);
    if (job.state === "cancelling" && this.successEndsJob) {
      throwStatus({ code: "INTERNAL", message: "Failed to update reconcile job result reference" });
    }
    this.#once(key, bytes);
    if (!replayed) {
      job.result = result;
      job.storedResults++;
    }
    if (this.successEndsJob) {
      job.state = "succeeded";
      job.message = "Succeeded";
      job.leaseEpoch = "";
      job.statsProcessed = maxOf(
        job.statsProcessed,
        result.fileResults.reduce((sum, file) => sum + file.statsProcessed, 0n),
      );
    }
    return true;
  }

  #chunks(result: GroupResult): string[] {
    const items: unknown[] = [...result.statsRecords, ...result.artifacts];
    const chunks: string[] = [];
    for (let first = 0; first < items.length; first += this.#itemsPerChunk) {
      chunks.push(toBytes(items.slice(first, first + this.#itemsPerChunk)));
    }
    return chunks;
  }

  /** 02 §6: the same content is accepted again, other content is a conflict. */
  #once(key: string, bytes: string): void {
    const before = this.#accepted.get(key);
    if (before !== undefined && before !== bytes) {
      throwStatus({
        code: "ABORTED",
        message: "Idempotency key mismatch",
        errorCode: "MC_CONFLICT",
        params: { op: "SubmitLeasedFileGroupExecutionResult", key },
      });
    }
    this.#accepted.set(key, bytes);
  }

  /** 02 §3.6: renews within the grace in inline, before the expiry in chunked. */
  #renew(lease: Lease): LeaseAnswer {
    const job = this.#leased(lease);
    const cancellationRequested = isCancelRequested(
      job ?? this.jobs.find((candidate) => candidate.jobId === lease.jobId),
    );
    if (job === undefined) return { held: false, cancellationRequested };
    const lateMs = this.#clock.nowMs() - job.leaseExpiresAtMs;
    const held = this.generation === "inline" ? lateMs <= RENEW_GRACE_MS : lateMs < 0;
    if (held) job.leaseExpiresAtMs = this.#clock.nowMs() + this.#leaseMs;
    return { held, cancellationRequested };
  }

  #leased(lease: Lease): FakeJob | undefined {
    return this.jobs.find(
      (job) => job.jobId === lease.jobId && job.leaseEpoch === lease.leaseEpoch && isActive(job),
    );
  }

  /** 02 §4.6 steps 2–5, which every Get and Submit begin with. */
  #active(lease: Lease): FakeJob {
    const held = this.#renew(lease).held;
    const job = this.#leased(lease);
    if (!held || job === undefined) {
      throwStatus({
        code: "FAILED_PRECONDITION",
        message: "Precondition failed.",
        errorCode: "MC_PRECONDITION_FAILED",
        params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
      });
    }
    return job;
  }

  /** 02 §3.5; done before each call instead of by a timer. */
  #reclaim(): void {
    const nowMs = this.#clock.nowMs();
    for (const job of this.jobs) {
      if (!isActive(job) || nowMs - job.leaseExpiresAtMs <= RENEW_GRACE_MS) continue;
      job.leaseEpoch = "";
      if (job.state === "cancelling") {
        job.state = "cancelled";
        continue;
      }
      this.#failAttempt(job, true);
      job.message = job.state === "failed" ? "Lease expired repeatedly; failed" : "Lease expired; requeued";
    }
  }

  /** One call on the wire: recorded, delayed, perhaps struck by a fault, answered before its deadline or not at all. */
  async #call<T>(
    sign: CallSign,
    lease: Lease | undefined,
    sent: unknown,
    options: CallOptions,
    effect: () => T,
    no?: T,
  ): Promise<T> {
    const record = { sign, atMs: this.#clock.monotonicMs(), jobId: lease?.jobId ?? "", sent };
    this.calls.push(record);
    const index = this.calls.length - 1;
    options.signal.throwIfAborted();
    const deadline = new AbortController();
    const done = new AbortController();
    void this.#clock.sleep(options.timeoutMs, done.signal).then(
      () => deadline.abort(statusError(sign, DEADLINE, this.generation)),
      () => {},
    );
    const signal = AbortSignal.any([options.signal, deadline.signal]);
    try {
      const answer = await this.#faults.meet(sign, {
        sleep: (ms) => this.#clock.sleep(ms, signal),
        latencyMs: this.#latencyMs,
        no,
        effect: () => {
          this.#reclaim();
          return effect();
        },
      });
      // A lease call shows in the sequence by what it found.
      if (sign === "L") this.calls[index] = { ...record, sent: answer === undefined ? "none" : sent };
      return answer;
    } catch (error) {
      if (sign === "L") this.calls[index] = { ...record, sent: "none" };
      throw error instanceof StatusThrown ? statusError(sign, error.status, this.generation) : error;
    } finally {
      done.abort();
    }
  }
}

function statusError(sign: CallSign, status: StatusParts, generation: Generation): ControlPlaneError {
  return new ControlPlaneError(controlPlaneErrorKind(CALLS[sign], status, generation), CALLS[sign], status);
}

function isActive(job: FakeJob): boolean {
  return job.state === "running" || job.state === "cancelling";
}

function isCancelRequested(job: FakeJob | undefined): boolean {
  if (job === undefined) return false;
  return job.state === "cancelling" || job.state === "cancelled" || job.ancestorCancelling;
}

function isCompletion(sent: unknown): sent is Completion {
  return typeof sent === "object" && sent !== null && "state" in sent && "disposition" in sent;
}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Stands for the bytes on the wire: equal for equal contents only. */
function toBytes(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    if (part instanceof Uint8Array) return [...part].join(",");
    return part instanceof Set ? [...part] : part;
  });
}
