/**
 * The last look at a captured group before it is submitted (03 §9.6) and the per-file results that go with it (03 §10.4).
 */
import type { FileGroup, IndexArtifact, StatsRecord } from "../model/index.ts";
import type { FileResult } from "../protocol/port.ts";
import type { CapturedGroup } from "./capture-port.ts";

/** A sidecar is missing that the policy asks for: an ordinary failure of the group. */
export class IncompleteCaptureError extends Error {
  override readonly name = "IncompleteCaptureError";
  /** The type that the reference reports (03 §9.6). */
  readonly referenceType = "IllegalStateException";
}

/** Throws unless every planned path has its sidecar, if page indexes are asked for. */
export function checkArtifacts(group: FileGroup, artifacts: readonly IndexArtifact[]): void {
  if (!group.policy.outputs.has("page-index")) return;
  if (artifacts.length === 0) {
    throw new IncompleteCaptureError(
      `page-index capture produced no staged artifacts for file group ${group.groupId}`,
    );
  }
  const covered = new Set(artifacts.map((artifact) => artifact.record.filePath));
  const missing = [...new Set(group.filePaths)].filter((path) => !covered.has(path));
  if (missing.length > 0) {
    throw new IncompleteCaptureError(
      `page-index capture did not produce artifacts for planned files in file group ${group.groupId}: ${missing.join(", ")}`,
    );
  }
}

/** One result for each planned path, in plan order; records and sidecars of other paths don't count (03 §10.4). */
export function fileResults(group: FileGroup, captured: CapturedGroup): FileResult[] {
  const recordCounts = countFileRecords(captured.statsRecords);
  // Of two sidecars for one path the last one counts, as on the server (02 §5.3).
  const artifactUris = new Map(
    captured.artifacts.map(({ record }) => [record.filePath, record.artifactUri] as const),
  );
  return group.filePaths.map((filePath) => ({
    filePath,
    statsProcessed: recordCounts.get(filePath) ?? 0n,
    artifactUri: artifactUris.get(filePath),
  }));
}

function countFileRecords(records: readonly StatsRecord[]): Map<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const { value } of records) {
    if (value.kind === "file") counts.set(value.file.filePath, (counts.get(value.file.filePath) ?? 0n) + 1n);
  }
  return counts;
}
