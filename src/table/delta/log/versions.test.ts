import { expect, test } from "vitest";
import { addAction, commitName, firstCommit } from "../../../../test/support/delta-log.ts";
import { memoryStore } from "../../../../test/support/memory-store.ts";
import { deltaVersions } from "../open.ts";

const { signal } = new AbortController();

/** Of a log that has these commits and checkpoints. */
function versions(commits: readonly number[], checkpoints: readonly number[] = []) {
  const log = "s3://b/t/_delta_log";
  const objects = Object.fromEntries([
    ...commits.map((version) => [`${log}/${commitName(version)}`, firstCommit(addAction(`f${version}`))]),
    ...checkpoints.map((version) => [`${log}/${String(version).padStart(20, "0")}.checkpoint.parquet`, "x"]),
    [`${log}/_last_checkpoint`, "{}"],
  ]);
  return deltaVersions({ root: "s3://b/t/", store: memoryStore(objects), signal });
}

test("05 §4.1: the versions that can be opened are those that reach back to the first commit or a checkpoint, without a gap", async () => {
  expect(await versions([0, 1, 2])).toEqual([0n, 1n, 2n]);
  expect(await versions([3, 4, 5, 6], [4])).toEqual([4n, 5n, 6n]);
  expect(await versions([0, 1, 3])).toEqual([0n, 1n]);
  expect(await versions([5, 6], [4])).toEqual([]);
  expect(await versions([])).toEqual([]);
});
