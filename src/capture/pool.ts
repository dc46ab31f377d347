import { Worker } from "node:worker_threads";
import type { FileTask, FileTaskResult, TaskProgress } from "./task.ts";
import { reviveError, type SerializedError } from "./thread-errors.ts";

/**
 * Capture threads. The main thread owns the network and the heartbeats and never decodes; each capture thread takes one file
 * at a time from the queue. A thread that dies fails only the task it held, with the cause, and is replaced; a task whose
 * signal aborts leaves the queue at once, or is told to stop at its next page.
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
  readonly onProgress?: (progress: TaskProgress) => void;
}

/** A capture thread ended while it had a task: the file may be fine, so another try is allowed. */
export class CaptureThreadError extends Error {
  override readonly name = "CaptureThreadError";
}

export type ToThread =
  | { readonly type: "run"; readonly id: number; readonly task: FileTask }
  | { readonly type: "cancel"; readonly id: number };

export type FromThread =
  | { readonly type: "done"; readonly id: number; readonly result: FileTaskResult }
  | { readonly type: "failed"; readonly id: number; readonly error: SerializedError }
  | { readonly type: "progress"; readonly id: number; readonly progress: TaskProgress };

interface Job {
  readonly id: number;
  readonly task: FileTask;
  readonly options: RunOptions;
  readonly resolve: (result: FileTaskResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onAbort: () => void;
}

interface Slot {
  worker: Worker | undefined;
  job: Job | undefined;
}

/** Where the thread's code is: beside this module in the sources, beside the bundle in the package. */
function threadEntry(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("./thread.ts", import.meta.url)
    : new URL("./capture-thread.mjs", import.meta.url);
}

/** Starts no thread until there is work for it; `entry` is for tests that need a thread that dies. */
export function createCapturePool(options: { readonly threads: number; readonly entry?: URL }): CapturePool {
  const entry = options.entry ?? threadEntry();
  const slots: Slot[] = Array.from({ length: options.threads }, () => ({
    worker: undefined,
    job: undefined,
  }));
  const queue: Job[] = [];
  let nextId = 1;
  let closed = false;

  function settle(slot: Slot): Job | undefined {
    const job = slot.job;
    slot.job = undefined;
    job?.options.signal.removeEventListener("abort", job.onAbort);
    return job;
  }

  function onMessage(slot: Slot, message: FromThread): void {
    if (slot.job?.id !== message.id) return;
    switch (message.type) {
      case "progress":
        slot.job.options.onProgress?.(message.progress);
        return;
      case "done":
        settle(slot)?.resolve(message.result);
        break;
      case "failed": {
        const job = settle(slot);
        job?.reject(job.options.signal.aborted ? job.options.signal.reason : reviveError(message.error));
        break;
      }
    }
    feed(slot);
  }

  function onDeath(slot: Slot, cause: unknown): void {
    slot.worker = undefined;
    const job = settle(slot);
    job?.reject(
      new CaptureThreadError(
        `the capture thread ended while it read ${job.task.path}; it has been replaced`,
        {
          cause,
        },
      ),
    );
    if (!closed) feed(slot);
  }

  function start(slot: Slot): Worker {
    const worker = new Worker(entry, { name: "floecat-capture" });
    slot.worker = worker;
    let cause: unknown;
    worker.on("message", (message: FromThread) => onMessage(slot, message));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", (code) => {
      if (slot.worker === worker) onDeath(slot, cause ?? new Error(`exit code ${code}`));
    });
    return worker;
  }

  function feed(slot: Slot): void {
    if (slot.job !== undefined) return;
    const job = queue.shift();
    if (job === undefined) {
      // An idle thread must not keep the process alive.
      slot.worker?.unref();
      return;
    }
    slot.job = job;
    const worker = slot.worker ?? start(slot);
    worker.ref();
    worker.postMessage({ type: "run", id: job.id, task: job.task } satisfies ToThread);
  }

  function cancel(job: Job): void {
    const queued = queue.indexOf(job);
    if (queued >= 0) {
      queue.splice(queued, 1);
      job.options.signal.removeEventListener("abort", job.onAbort);
      job.reject(job.options.signal.reason);
      return;
    }
    const slot = slots.find((candidate) => candidate.job === job);
    slot?.worker?.postMessage({ type: "cancel", id: job.id } satisfies ToThread);
  }

  async function close(): Promise<void> {
    closed = true;
    const stopped = new CaptureThreadError("the capture threads were stopped");
    for (const job of queue.splice(0)) job.reject(stopped);
    await Promise.all(
      slots.map(async (slot) => {
        const worker = slot.worker;
        slot.worker = undefined;
        settle(slot)?.reject(stopped);
        await worker?.terminate();
      }),
    );
  }

  return {
    threads: options.threads,
    run: (task, runOptions) =>
      new Promise<FileTaskResult>((resolve, reject) => {
        if (closed) {
          reject(new CaptureThreadError("the capture threads were stopped"));
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
        };
        runOptions.signal.addEventListener("abort", job.onAbort, { once: true });
        queue.push(job);
        const started = slots.find((slot) => slot.job === undefined && slot.worker !== undefined);
        const free = started ?? slots.find((slot) => slot.job === undefined);
        if (free) feed(free);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
