import { completeCheckpoints } from "./checkpoints.ts";
import type { CheckpointFile } from "./file-names.ts";
import { listLog, type SegmentRequest } from "./segment.ts";

/** The versions of a table that can be opened, oldest first (05 §4.1): each has its commit, and what it builds on is there. */
export async function openableVersions(request: Omit<SegmentRequest, "version">): Promise<bigint[]> {
  const listed = await listLog(request);
  const checkpoints = new Set(
    completeCheckpoints(listed.filter((file): file is CheckpointFile => file.kind === "checkpoint")).map(
      ({ version }) => version,
    ),
  );
  const commits = listed
    .filter(({ kind }) => kind === "commit")
    .map(({ version }) => version)
    .sort((a, b) => (a < b ? -1 : 1));
  const openable: bigint[] = [];
  for (const version of commits) {
    if (version === 0n || checkpoints.has(version) || openable.at(-1) === version - 1n)
      openable.push(version);
  }
  return openable;
}
