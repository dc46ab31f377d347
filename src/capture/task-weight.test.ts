import { expect, test } from "vitest";
import type { FileTask } from "./task.ts";
import { FOOTERS_AT_ONCE, filesInFlight, taskWeight, WHOLE_THREAD } from "./task-weight.ts";

const MIB = 1024 * 1024;

function task(change: Partial<FileTask>): FileTask {
  return {
    path: "s3://b/f",
    store: { local: { kind: "none" } },
    footerPlan: undefined,
    widthNames: [],
    index: { columns: { by: "all" } },
    distinct: undefined,
    crc: "error",
    ...change,
  };
}

test("pages of a local file have a thread to themselves, and so has each share of a large one", () => {
  expect(taskWeight(task({}))).toBe(WHOLE_THREAD);
  expect(taskWeight(task({ remoteBytes: MIB, turn: new SharedArrayBuffer(8) }))).toBe(WHOLE_THREAD);
  expect(taskWeight(task({ index: undefined }))).toBe(WHOLE_THREAD / FOOTERS_AT_ONCE);
});

test("8.6 small files across a network go side by side, as far as 64 MiB of a thread's memory go", () => {
  const inOneThread = (remoteBytes: number) => Math.floor(WHOLE_THREAD / taskWeight(task({ remoteBytes })));
  expect(inOneThread(100)).toBe(24);
  expect(inOneThread(8 * MIB)).toBe(8);
  expect(inOneThread(30 * MIB)).toBe(2);
  expect(inOneThread(300 * MIB)).toBe(1);
});

test("more files are begun than the threads hold", () => {
  for (const pages of [true, false]) {
    for (const remote of [true, false]) {
      const weight = taskWeight(
        task({ ...(!pages && { index: undefined }), ...(remote && { remoteBytes: 100 }) }),
      );
      expect(filesInFlight(2, { pages, remote })).toBeGreaterThan((2 * WHOLE_THREAD) / weight);
    }
  }
});
