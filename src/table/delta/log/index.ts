export {
  type AddFile,
  type DeletionVector,
  keyOf,
  type Metadata,
  type PartitionValue,
  type Protocol,
} from "./actions.ts";
export type { Checkpoint } from "./checkpoints.ts";
export { type CommitState, replayCommits, requireProtocolAndMetadata } from "./replay.ts";
export { findLogSegment, type LogSegment } from "./segment.ts";
