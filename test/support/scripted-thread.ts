import { parentPort } from "node:worker_threads";
import type { FileTask, FileTaskResult } from "../../src/capture/task.ts";
import { serializeError } from "../../src/capture/thread-errors.ts";
import type { FromThread, ToThread } from "../../src/capture/thread-messages.ts";
import { UnreadableFileError } from "../../src/model/index.ts";

/**
 * A capture thread that does what a task's path says, for tests of the pool: `die` ends the thread, `die-of-company` only when
 * it was given other tasks too, `throw` dies of an exception, `wait` ends when it is cancelled, `fail` fails, `progress` reports
 * before it is done. Every other path is done at once. What it was given in the same message comes back as `warnings`.
 */
const port = parentPort;
if (port === null) throw new Error("this module runs in a worker thread only");

const waiting = new Map<number, string>();

port.on("message", (message: ToThread) => {
  if (message.type === "cancel") {
    if (waiting.delete(message.id)) fail(message.id, new DOMException("cancelled", "AbortError"));
    return;
  }
  if (message.type !== "run") return;
  const together = message.jobs.map(({ task }) => task.path);
  for (const { id, task } of message.jobs) act(id, task, together);
});

function act(id: number, task: FileTask, together: readonly string[]): void {
  switch (task.path) {
    case "die":
      process.exit(3);
      return;
    case "die-of-company":
      if (together.length > 1) process.exit(3);
      break;
    case "throw":
      throw new Error("the kernel fell over");
    case "wait":
      waiting.set(id, task.path);
      return;
    case "fail":
      fail(id, new UnreadableFileError("is torn", { file: task.path, offset: 7 }));
      return;
    case "progress":
      send({ type: "progress", id, progress: { bytesRead: 11 } });
      break;
  }
  send({ type: "ended", answers: [{ id, ok: true, result: doneWith(together) }] });
}

function doneWith(together: readonly string[]): FileTaskResult {
  return {
    footerRowCount: 1n,
    metrics: undefined,
    widths: new Map(),
    distinct: undefined,
    sidecar: undefined,
    bytesRead: 0,
    requests: 0,
    warnings: together,
  };
}

function fail(id: number, error: Error): void {
  send({ type: "ended", answers: [{ id, ok: false, error: serializeError(error) }] });
}

function send(message: FromThread): void {
  port?.postMessage(message);
}
