export type { AddVisitor, AddWindow, Place, Selection } from "./read-adds.ts";
export { type CheckpointSource, readCheckpointAdds, readCheckpointHead } from "./read-checkpoint.ts";
