import type { Generation } from "../../model/index.ts";
import type { Job } from "../jobs/index.ts";
import { FILE_STATE, type FileResult, type PlannedGroup } from "../store/index.ts";

/** What the file-group jobs of a snapshot say about its finalisation (02 §7, first table). */
export type ChildVerdict =
  | { readonly kind: "complete" }
  | { readonly kind: "waiting" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string };

export interface SnapshotChildren {
  readonly plan: readonly PlannedGroup[];
  /** EXEC_FILE_GROUP jobs of the snapshot. */
  readonly jobs: readonly Job[];
  resultsOf(jobId: string): readonly FileResult[] | undefined;
}

export function judgeChildren(children: SnapshotChildren, generation: Generation): ChildVerdict {
  const byGroup = new Map<string, Job>();
  for (const job of children.jobs) {
    if (job.group === undefined) return failed(`found a file-group job without a group: ${job.jobId}`);
    const key = groupKey(job.group);
    if (byGroup.has(key)) return failed(`found more than one file-group job for [${key}]`);
    byGroup.set(key, job);
  }
  const withState = (state: Job["state"]) =>
    [...byGroup].filter(([, job]) => job.state === state).map(([key]) => key);

  const failures = withState("failed");
  if (failures.length > 0) return failed(`blocked by failed file-group jobs [${failures.join(", ")}]`);
  if (withState("cancelled").length > 0) return { kind: "cancelled" };
  const unfinished = children.plan.filter((group) => byGroup.get(groupKey(group))?.state !== "succeeded");
  if (unfinished.length > 0) {
    // Chunked makes the finalizer only when all groups are done, so an early one is a defect.
    return generation === "inline"
      ? { kind: "waiting" }
      : failed(`started before file-group jobs had ended [${unfinished.map(groupKey).join(", ")}]`);
  }
  const incomplete = children.plan.filter((group) => {
    const job = byGroup.get(groupKey(group));
    return job === undefined || !hasAllResults(group, children.resultsOf(job.jobId));
  });
  if (incomplete.length > 0) {
    return failed(
      `found succeeded file-group jobs without persisted success results [${incomplete.map(groupKey).join(", ")}]`,
    );
  }
  return { kind: "complete" };
}

/** As messages name a group. */
function groupKey(group: { readonly planId: string; readonly groupId: string }): string {
  return `${group.planId}/${group.groupId}`;
}

function failed(what: string): ChildVerdict {
  return { kind: "failed", message: `Snapshot finalization ${what}` };
}

/** A group without any path or result counts as incomplete too (QUIRK 12.16, matched). */
function hasAllResults(group: PlannedGroup, results: readonly FileResult[] | undefined): boolean {
  if (results === undefined || (group.filePaths.length === 0 && results.length === 0)) return false;
  const succeeded = new Set(
    results.filter(({ state }) => state === FILE_STATE.succeeded).map(({ filePath }) => filePath),
  );
  return group.filePaths.every((path) => succeeded.has(path.trim()));
}
