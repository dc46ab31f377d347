/**
 * Keeps one lease alive and knows how sure of it we are (03 §5.2, §7; decisions 3 and 4).
 *
 * A beat renews the lease, or reports progress where there is news, which renews as well. Losses, token and overload errors
 * are borne until the lease may have run out, reckoned from when the last accepted renew was sent; a definite refusal ends
 * the lease at once. A cancel ends the work, whatever the same answer says of the lease (03 §7.2).
 *
 *   watching ── cancel flag ──► `signal` aborts (cancelled); beats go on until silenced
 *            ── refused, definite error, ran out ──► `signal` and `lostSignal` abort (lease lost); no more beats
 *            ── shutdown ──► `signal` aborts (shutdown); beats go on until silenced
 *            ── silenced ──► no more beats; answers under way are ignored
 */
import type { Clock } from "../model/index.ts";
import {
  type ControlPlane,
  type ControlPlaneCall,
  ControlPlaneError,
  type LeaseAnswer,
  type LeasedJob,
  type Progress,
} from "../protocol/port.ts";
import { backoffMs, CALL_BACKOFF } from "./backoff.ts";
import type { WorkerEvent } from "./events.ts";
import { errorText } from "./failure.ts";
import { mayPass, withRetries } from "./retry.ts";
import { Stop } from "./stop.ts";
import type { LeaseTiming } from "./timing.ts";

export interface LeaseWatchOptions {
  readonly controlPlane: ControlPlane;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: LeaseTiming;
  /** Deadline of calls that aren't beats; a beat's is shorter. */
  readonly leaseDeadlineMs: number;
  /** Monotonic time at which the call that gave the lease was sent. */
  readonly leasedAtMs: number;
  readonly onEvent: (event: WorkerEvent) => void;
}

export class LeaseWatch {
  readonly #job: LeasedJob;
  readonly #options: LeaseWatchOptions;
  readonly #work = new AbortController();
  readonly #lease = new AbortController();
  readonly #beats = new AbortController();
  #lastConfirmedMs: number;
  #nextCancelCheckMs = Number.NEGATIVE_INFINITY;
  #cancelled = false;
  #news: Progress | undefined;
  #told: Progress | undefined;

  constructor(job: LeasedJob, options: LeaseWatchOptions) {
    this.#job = job;
    this.#options = options;
    this.#lastConfirmedMs = options.leasedAtMs;
  }

  /** Aborts, with a `Stop` as reason, as soon as the work on this job is pointless. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }

  /** Aborts when nothing more may be sent in the name of this lease, or need be. */
  get lostSignal(): AbortSignal {
    return this.#lease.signal;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Last progress the server was told; what an error completion repeats (03 §12.2). */
  get toldProgress(): Progress | undefined {
    return this.#told;
  }

  /** Monotonic time at which the lease runs out on the server at the earliest. */
  get runsOutAtMs(): number {
    return this.#lastConfirmedMs + this.#options.timing.leaseMs;
  }

  /** 03 §5.1: strictly later than the threshold after the last confirmation. */
  probablyExpired(): boolean {
    return this.#nowMs() > this.#lastConfirmedMs + this.#options.timing.thresholdMs;
  }

  /** The server accepted something that renews the lease, in a call sent at this monotonic time. */
  confirmed(sentAtMs: number): void {
    this.#lastConfirmedMs = Math.max(this.#lastConfirmedMs, sentAtMs);
  }

  /** First beat one period from now, then every period. */
  start(): void {
    // A beat handles every failure itself; what is left is the signal that silences it.
    void this.#beat().catch(() => {});
  }

  /** No beat from now on (03 §7.1, "When heartbeats end"). */
  silence(): void {
    this.#beats.abort(new Stop("shutdown", "the heartbeat has ended"));
  }

  /** Ends the work from outside; the lease is still ours. */
  stop(stop: Stop): void {
    this.#work.abort(stop);
  }

  /** Ends everything: the job has ended, or the process. */
  close(stop: Stop): void {
    this.#work.abort(stop);
    this.#lease.abort(stop);
    this.silence();
  }

  /** Told by the next beat; reports are totals, so only the latest counts. */
  offerProgress(progress: Progress): void {
    this.#news = progress;
  }

  /**
   * The stop check of 03 §5.2: asks for the cancel flag if the last question is long enough ago. Whatever it finds aborts
   * `signal`. An error that may pass changes nothing.
   */
  async checkCancellation(): Promise<void> {
    if (this.#nowMs() < this.#nextCancelCheckMs || this.#work.signal.aborted) return;
    try {
      const cancelled = await withRetries(
        () =>
          this.#options.controlPlane.getCancellation(this.#job, {
            signal: this.#work.signal,
            timeoutMs: this.#options.leaseDeadlineMs,
          }),
        {
          ...this.#retrying("getReconcileCancellation"),
          again: (error, failures) => mayPass(error) && failures < 2,
        },
      );
      this.#takeFlag(cancelled);
    } catch (error) {
      if (this.#work.signal.aborted) return;
      if (mayPass(error)) this.#bear("getReconcileCancellation", error);
      else this.#loseBy("getReconcileCancellation", error);
    }
    this.#nextCancelCheckMs = this.#nowMs() + this.#options.timing.cancelCheckMs;
  }

  /**
   * Whether Complete may be sent (03 §5.2, `confirm`): asks the server only if the lease has probably expired. A cancel
   * that came with the refusal of the lease is worth a Complete too (03 §7.2).
   */
  async confirm(signal: AbortSignal): Promise<"completable" | "lost" | "uncertain"> {
    if (this.#lease.signal.aborted) return this.#cancelled ? "completable" : "lost";
    if (!this.probablyExpired()) return "completable";
    const call = "renewReconcileLease";
    let sentAtMs = this.#nowMs();
    try {
      const answer = await withRetries(
        () => {
          sentAtMs = this.#nowMs();
          return this.#options.controlPlane.renew(this.#job, {
            signal,
            timeoutMs: this.#options.timing.heartbeatTimeoutMs,
          });
        },
        { ...this.#retrying(call), signal, again: (error, failures) => mayPass(error) && failures < 3 },
      );
      this.#takeAnswer(call, answer, sentAtMs);
    } catch (error) {
      signal.throwIfAborted();
      if (mayPass(error)) {
        this.#options.onEvent({ type: "beat-failed", job: this.#job, call, error, effect: "uncertain" });
        return "uncertain";
      }
      this.#loseBy(call, error);
    }
    if (!this.#lease.signal.aborted) return "completable";
    return this.#cancelled ? "completable" : "lost";
  }

  /** One progress report outside the beats (03 §7.3, inline). */
  async reportNow(progress: Progress): Promise<void> {
    const { signal } = this.#lease;
    const call = "reportReconcileProgress";
    let sentAtMs = this.#nowMs();
    try {
      const answer = await withRetries(
        () => {
          sentAtMs = this.#nowMs();
          return this.#options.controlPlane.reportProgress(this.#job, progress, {
            signal,
            timeoutMs: this.#options.leaseDeadlineMs,
          });
        },
        { ...this.#retrying(call), signal, again: (error, failures) => mayPass(error) && failures < 2 },
      );
      this.#told = progress;
      this.#takeAnswer(call, answer, sentAtMs);
    } catch (error) {
      signal.throwIfAborted();
      if (mayPass(error)) this.#bear(call, error);
      else this.#loseBy(call, error);
    }
  }

  async #beat(): Promise<void> {
    const { clock, timing, onEvent } = this.#options;
    const silenced = this.#beats.signal;
    let dueMs = this.#nowMs() + timing.heartbeatMs;
    let failures = 0;
    while (!this.#lease.signal.aborted) {
      await clock.sleep(Math.max(0, Math.min(dueMs, this.runsOutAtMs) - this.#nowMs()), silenced);
      const sentAtMs = this.#nowMs();
      const leftMs = this.runsOutAtMs - sentAtMs;
      if (leftMs <= 0) {
        this.#lose(`the lease has not been confirmed for ${timing.leaseMs} ms and may have run out`);
        return;
      }
      const delayMs = Math.max(0, sentAtMs - dueMs);
      if (delayMs >= timing.heartbeatMs) onEvent({ type: "beat-late", job: this.#job, delayMs });
      const news = this.#news === this.#told ? undefined : this.#news;
      const call: ControlPlaneCall = news === undefined ? "renewReconcileLease" : "reportReconcileProgress";
      try {
        const answer = await this.#sendBeat(news, Math.min(timing.heartbeatTimeoutMs, leftMs));
        silenced.throwIfAborted();
        if (news !== undefined) this.#told = news;
        this.#takeAnswer(call, answer, sentAtMs);
        failures = 0;
        dueMs = sentAtMs + timing.heartbeatMs;
      } catch (error) {
        silenced.throwIfAborted();
        if (!mayPass(error)) {
          this.#loseBy(call, error);
          return;
        }
        failures++;
        this.#bear(call, error);
        dueMs = this.#nowMs() + this.#retryWaitMs(failures);
      }
      const durationMs = this.#nowMs() - sentAtMs;
      onEvent({ type: "beat", job: this.#job, delayMs, durationMs });
      if (durationMs >= timing.heartbeatMs) onEvent({ type: "beat-slow", job: this.#job, durationMs });
    }
  }

  #sendBeat(news: Progress | undefined, timeoutMs: number): Promise<LeaseAnswer> {
    const options = { signal: this.#beats.signal, timeoutMs };
    return news === undefined
      ? this.#options.controlPlane.renew(this.#job, options)
      : this.#options.controlPlane.reportProgress(this.#job, news, options);
  }

  /** The first further try follows at once (03 §3.5), later ones in growing waits, none longer than a period. */
  #retryWaitMs(failures: number): number {
    if (failures === 1) return 0;
    return Math.min(
      this.#options.timing.heartbeatMs,
      backoffMs(CALL_BACKOFF, failures - 1, this.#options.random),
    );
  }

  #takeAnswer(call: ControlPlaneCall, answer: LeaseAnswer, sentAtMs: number): void {
    if (answer.held) {
      this.confirmed(sentAtMs);
      this.#takeFlag(answer.cancellationRequested);
      return;
    }
    const { cancellationRequested } = answer;
    this.#options.onEvent({ type: "beat-refused", job: this.#job, call, cancellationRequested });
    this.#takeFlag(cancellationRequested);
    this.#lose("the server no longer knows the lease");
  }

  #takeFlag(cancellationRequested: boolean): void {
    if (!cancellationRequested) return;
    this.#cancelled = true;
    this.#work.abort(new Stop("cancelled", "the job was cancelled"));
  }

  #bear(call: ControlPlaneCall, error: unknown): void {
    const effect = this.probablyExpired() ? "uncertain" : "tolerated";
    this.#options.onEvent({ type: "beat-failed", job: this.#job, call, error, effect });
  }

  #loseBy(call: ControlPlaneCall, error: unknown): void {
    this.#options.onEvent({ type: "beat-failed", job: this.#job, call, error, effect: "fatal" });
    this.#lose(error instanceof ControlPlaneError ? error.message : errorText(error));
  }

  #lose(why: string): void {
    const stop = this.#cancelled
      ? new Stop("cancelled", "the job was cancelled")
      : new Stop("lease-lost", why);
    this.close(stop);
  }

  #retrying(call: ControlPlaneCall) {
    const { clock, random, onEvent } = this.#options;
    return {
      clock,
      random,
      signal: this.#work.signal,
      onRetry: (error: unknown) => onEvent({ type: "call-retried", job: this.#job, call, error }),
    };
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }
}
