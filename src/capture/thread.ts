import { parentPort, workerData } from "node:worker_threads";
import { createCredentialChannel } from "./credential-channel.ts";
import { createFileCapture } from "./file-capture.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { needsFooterOnly, type TaskProgress } from "./task.ts";
import { serializeError } from "./thread-errors.ts";
import type { FromThread, ThreadAnswer, ThreadJob, ToThread } from "./thread-messages.ts";

/**
 * Entry of a capture thread: runs the tasks that the pool gives it, reads and decodes, sends results back; those that are ready
 * together in one message. A cancel arrives as a message, which the thread sees whenever it waits for bytes; page decoding
 * checks the signal between pages.
 */
const port = parentPort;
if (port === null) throw new Error("the capture thread's module runs in a worker thread only");

const memory: MemoryBudget | undefined = workerData ?? undefined;
const running = new Map<number, AbortController>();
const answers: ThreadAnswer[] = [];
const credentials = createCredentialChannel(send);
const captureFileTask = createFileCapture({ credentials: credentials.ask });

port.on("message", (message: ToThread) => {
  if (message.type === "cancel") {
    running.get(message.id)?.abort(new DOMException("the capture was cancelled", "AbortError"));
    return;
  }
  if (message.type === "credentials") {
    credentials.onAnswer(message);
    return;
  }
  for (const job of message.jobs) start(job);
});

function start({ id, task }: ThreadJob): void {
  const controller = new AbortController();
  running.set(id, controller);
  captureFileTask(task, {
    signal: controller.signal,
    memory,
    onProgress: needsFooterOnly(task) ? () => {} : (progress) => sendProgress(id, progress),
  }).then(
    (result) => answer({ id, ok: true, result }),
    (error: unknown) => answer({ id, ok: false, error: serializeError(error) }),
  );
}

function sendProgress(id: number, progress: TaskProgress): void {
  send({ type: "progress", id, progress });
}

/** Sent once the events at hand have been dealt with, along with what ended by then. */
function answer(ended: ThreadAnswer): void {
  running.delete(ended.id);
  answers.push(ended);
  if (answers.length === 1) setImmediate(() => send({ type: "ended", answers: answers.splice(0) }));
}

function send(message: FromThread): void {
  port?.postMessage(message);
}
