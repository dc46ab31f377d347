import type { CapturePool } from "../../src/capture/index.ts";
import type { RunOptions } from "../../src/capture/pool.ts";
import type { FileTask, FileTaskResult } from "../../src/capture/task.ts";

/** A pool without threads: keeps what it was asked, and answers what the test says. */
export interface FakePool extends CapturePool {
  readonly tasks: FileTask[];
}

export function fakePool(
  answer: (task: FileTask, options: RunOptions) => FileTaskResult | Promise<FileTaskResult>,
  threads = 2,
): FakePool {
  const tasks: FileTask[] = [];
  const close = async () => {};
  return {
    threads,
    tasks,
    async run(task, options) {
      tasks.push(task);
      return await answer(task, options);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What a thread finds in a file of ten rows, of which nothing more is known. */
export function aFileResult(change: Partial<FileTaskResult> = {}): FileTaskResult {
  return {
    footerRowCount: 10n,
    metrics: { rowCount: 10n, columns: new Map() },
    widths: new Map(),
    distinct: undefined,
    sidecar: undefined,
    bytesRead: 100,
    requests: 1,
    warnings: [],
    ...change,
  };
}
