import { Worker } from "node:worker_threads";
import { answerQuestion } from "./credential-channel.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { allowCollection, endLoan } from "./memory-loan.ts";
import type { FileTask, FileTaskResult, TaskProgress } from "./task.ts";
import { taskWeight, WHOLE_THREAD } from "./task-weight.ts";
import { reviveError } from "./thread-errors.ts";
import type { FromThread, ThreadAnswer, ToThread } from "./thread-messages.ts";

/**
 * Capture threads. The main thread owns the network and the heartbeats and never decodes; tasks wait in one queue, first come
 * first served. A task that decodes pages of a local file has a thread to itself; those that wait more than they decode share one
 * (`task-weight.ts`). A thread that dies fails only the task that killed it, with the cause, and is replaced: tasks that shared
 * it with others run again, each alone. A task whose signal aborts leaves the queue at once, or is told to stop at its next
 * page.
 */
export interface CapturePool extends AsyncDisposable {
  readonly threads: number;
  /**
   * Runs one task. Rejects with the task's own error, with `signal.reason` on cancellation, or with
   * `CaptureThreadError` when the thread died.
   */
  run(task: FileTask, options: RunOptions): Promise<FileTaskResult>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Of tasks that decode pages; a footer is read in one go. */
  readonly onProgress?: (progress: TaskProgress) => void;
}

/** A capture thread ended while it had a task: the file may be fine, so another try is allowed. */
export class CaptureThreadError extends Error {
  override readonly name = "CaptureThreadError";
}

interface Job {
  readonly id: number;
  readonly task: FileTask;
  readonly options: RunOptions;
  readonly resolve: (result: FileTaskResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
  /** Of `WHOLE_THREAD`. All of it after a thread has died with it among others: alone it shows whether it was the cause. */
  weight: number;
}

/** A thread and what it has been given; started when there is work for it. */
interface Slot {
  worker: Worker | undefined;
  readonly jobs: Map<number, Job>;
}

/** Where the thread's code is: beside this module in the sources, beside the bundle in the package. */
function threadEntry(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("./thread.ts", import.meta.url)
    : new URL("./capture-thread.mjs", import.meta.url);
}

export interface CapturePoolOptions {
  readonly threads: number;
  /** Of the process, dealt out to the threads; absent: each page may take what the engine allows. */
  readonly memory?: MemoryBudget;
  /** For tests that need a thread that dies. */
  readonly entry?: URL;
}

/** Young objects of a capture thread: it makes few, and Node would let them pile up to three times 16 MiB. */
export const MAX_YOUNG_MIB = 8;

/** Starts no thread until there is work for it. */
export function createCapturePool(options: CapturePoolOptions): CapturePool {
  const { memory, entry = threadEntry() } = options;
  if (memory !== undefined) allowCollection();
  const slots: Slot[] = Array.from({ length: options.threads }, () => ({
    worker: undefined,
    jobs: new Map(),
  }));
  const queue: Job[] = [];
  let nextId = 1;
  let handOutIsDue = false;
  let closed = false;
  const ended = new AbortController();

  function start(slot: Slot): Worker {
    const worker = new Worker(entry, {
      name: "floecat-capture",
      workerData: memory,
      ...(memory && { resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_MIB } }),
    });
    const { threadId } = worker;
    slot.worker = worker;
    let cause: unknown;
    worker.on("message", (message: FromThread) => onMessage(slot, message));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", (code) => {
      if (memory !== undefined) endLoan(memory.loan, threadId);
      if (slot.worker === worker) onDeath(slot, cause ?? new Error(`exit code ${code}`));
    });
    return worker;
  }

  /** Gives queued jobs, in order, to the threads that have room for them; each thread gets its share in one message. */
  function handOut(): void {
    handOutIsDue = false;
    if (closed) return;
    const given = new Map<Slot, Job[]>();
    for (let job = queue[0]; job !== undefined; job = queue[0]) {
      const slot = slotFor(slots, job);
      if (slot === undefined) break;
      queue.shift();
      slot.jobs.set(job.id, job);
      given.set(slot, [...(given.get(slot) ?? []), job]);
    }
    for (const [slot, jobs] of given) {
      const worker = slot.worker ?? start(slot);
      worker.ref();
      worker.postMessage({
        type: "run",
        jobs: jobs.map(({ id, task }) => ({ id, task })),
      } satisfies ToThread);
    }
  }

  /** What is asked for in one go is handed out in one go. */
  function handOutSoon(): void {
    if (handOutIsDue) return;
    handOutIsDue = true;
    queueMicrotask(handOut);
  }

  function onMessage(slot: Slot, message: FromThread): void {
    if (message.type === "progress") {
      slot.jobs.get(message.id)?.options.onProgress?.(message.progress);
      return;
    }
    if (message.type === "credentials-wanted") {
      const { worker } = slot;
      answerQuestion(message, ended.signal).then((answer) => worker?.postMessage(answer satisfies ToThread));
      return;
    }
    for (const answer of message.answers) {
      const job = slot.jobs.get(answer.id);
      slot.jobs.delete(answer.id);
      if (job !== undefined) settle(job, answer);
    }
    handOut();
    // An idle thread must not keep the process alive.
    if (slot.jobs.size === 0) slot.worker?.unref();
  }

  function onDeath(slot: Slot, cause: unknown): void {
    slot.worker = undefined;
    const jobs = [...slot.jobs.values()];
    slot.jobs.clear();
    const [only] = jobs;
    if (only !== undefined && jobs.length === 1) {
      release(only);
      only.reject(
        new CaptureThreadError(
          `the capture thread ended while it read ${only.task.path}; it has been replaced`,
          { cause },
        ),
      );
    } else {
      for (const job of jobs) job.weight = WHOLE_THREAD;
      queue.unshift(...jobs.filter((job) => !rejectIfCancelled(job)));
    }
    handOut();
  }

  function cancel(job: Job): void {
    const queued = queue.indexOf(job);
    if (queued >= 0) {
      queue.splice(queued, 1);
      job.reject(job.options.signal.reason);
      // What waited behind it may fit where it didn't.
      handOutSoon();
      return;
    }
    const slot = slots.find((candidate) => candidate.jobs.has(job.id));
    slot?.worker?.postMessage({ type: "cancel", id: job.id } satisfies ToThread);
  }

  async function close(): Promise<void> {
    closed = true;
    ended.abort(stopped());
    const jobs = [...queue.splice(0), ...slots.flatMap((slot) => [...slot.jobs.values()])];
    for (const job of jobs) {
      release(job);
      job.reject(stopped());
    }
    await Promise.all(
      slots.map(async (slot) => {
        const worker = slot.worker;
        slot.worker = undefined;
        slot.jobs.clear();
        await worker?.terminate();
      }),
    );
  }

  return {
    threads: options.threads,
    run: (task, runOptions) =>
      new Promise<FileTaskResult>((resolve, reject) => {
        if (closed) {
          reject(stopped());
          return;
        }
        if (runOptions.signal.aborted) {
          reject(runOptions.signal.reason);
          return;
        }
        const job: Job = {
          id: nextId++,
          task,
          options: runOptions,
          resolve,
          reject,
          onAbort: () => cancel(job),
          weight: taskWeight(task),
        };
        runOptions.signal.addEventListener("abort", job.onAbort, { once: true });
        queue.push(job);
        handOutSoon();
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The thread with the least to do of those that have room for the job; one that runs already before one that doesn't. */
function slotFor(slots: readonly Slot[], job: Job): Slot | undefined {
  let best: Slot | undefined;
  for (const slot of slots) {
    if (!hasRoom(slot, job)) continue;
    const isBetter =
      best === undefined ||
      slot.jobs.size < best.jobs.size ||
      (slot.jobs.size === best.jobs.size && best.worker === undefined && slot.worker !== undefined);
    if (isBetter) best = slot;
  }
  return best;
}

function hasRoom(slot: Slot, job: Job): boolean {
  let weight = job.weight;
  for (const running of slot.jobs.values()) weight += running.weight;
  return weight <= WHOLE_THREAD;
}

function settle(job: Job, answer: ThreadAnswer): void {
  release(job);
  if (answer.ok) job.resolve(answer.result);
  else job.reject(job.options.signal.aborted ? job.options.signal.reason : reviveError(answer.error));
}

function rejectIfCancelled(job: Job): boolean {
  if (!job.options.signal.aborted) return false;
  job.reject(job.options.signal.reason);
  return true;
}

function release(job: Job): void {
  job.options.signal.removeEventListener("abort", job.onAbort);
}

function stopped(): CaptureThreadError {
  return new CaptureThreadError("the capture threads were stopped");
}
