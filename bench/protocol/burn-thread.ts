/** A capture thread that decodes nothing: it is busy for as long as the name of its file says, and answers. */
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "../../src/capture/thread-messages.ts";

parentPort?.on("message", (message: ToThread) => {
  if (message.type !== "run") return;
  for (const { id, task } of message.jobs) {
    const until = performance.now() + Number(task.path);
    while (performance.now() < until);
    const result = {
      footerRowCount: undefined,
      metrics: undefined,
      widths: new Map(),
      distinct: undefined,
      sidecar: undefined,
      bytesRead: 0,
      requests: 0,
      warnings: [],
    };
    parentPort?.postMessage({ type: "ended", answers: [{ id, ok: true, result }] } satisfies FromThread);
  }
});
