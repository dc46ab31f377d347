export type { AddVisitor, SelectedAdd } from "./read-adds.ts";
export { type CheckpointSource, readCheckpointAdds, readCheckpointHead } from "./read-checkpoint.ts";
