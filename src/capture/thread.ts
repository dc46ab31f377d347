import { parentPort } from "node:worker_threads";
import { captureFileTask } from "./file-capture.ts";
import type { FromThread, ToThread } from "./pool.ts";
import { serializeError } from "./thread-errors.ts";

/**
 * Entry of a capture thread: takes tasks one at a time, reads and decodes, sends results back. A cancel arrives as a message,
 * which the thread sees whenever it waits for bytes; page decoding checks the signal between pages.
 */
const port = parentPort;
if (port === null) throw new Error("the capture thread's module runs in a worker thread only");

const running = new Map<number, AbortController>();

port.on("message", (message: ToThread) => {
  if (message.type === "cancel") {
    running.get(message.id)?.abort(new DOMException("the capture was cancelled", "AbortError"));
    return;
  }
  const { id, task } = message;
  const controller = new AbortController();
  running.set(id, controller);
  const send = (answer: FromThread, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(answer, [...transfer]);
  captureFileTask(task, {
    signal: controller.signal,
    onProgress: (progress) => send({ type: "progress", id, progress }),
  })
    .then(
      (result) => send({ type: "done", id, result }),
      (error: unknown) => send({ type: "failed", id, error: serializeError(error) }),
    )
    .finally(() => running.delete(id));
});
