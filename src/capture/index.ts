export { fileStatsByPath } from "./artifact.ts";
export { type CaptureFilesOptions, captureFiles, type FileOutcome } from "./capture-files.ts";
export { type CaptureGroupOptions, captureGroup, type GroupRecords } from "./capture-group.ts";
export { type DistinctSettings, distinctSettings } from "./distinct-settings.ts";
export {
  type CaptureResources,
  captureResources,
  MAX_MEMORY_SETTING,
  type Machine,
  type MemoryBudget,
} from "./memory-budget.ts";
export { type CaptureSubject, type OpenedCapture, openCapture } from "./open-capture.ts";
export { type OpenedTable, openTable, type TableRequest } from "./open-table.ts";
export { type CapturePool, CaptureThreadError, createCapturePool } from "./pool.ts";
export { type ReadAhead, readAhead } from "./read-ahead.ts";
export { type CaptureRequest, wantsStats } from "./request.ts";
export { createTableRollup, FILES_PER_GROUP, type TableRollup } from "./table-rollup.ts";
