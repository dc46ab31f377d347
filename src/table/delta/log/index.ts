export {
  type Action,
  type AddFile,
  type DeletionVector,
  keyOf,
  type Metadata,
  type Protocol,
} from "./actions.ts";
export type { Checkpoint } from "./checkpoints.ts";
export { type CommitState, readActions, replayCommits, requireProtocolAndMetadata } from "./replay.ts";
export { findLogSegment, type LogSegment } from "./segment.ts";
export { openableVersions } from "./versions.ts";
