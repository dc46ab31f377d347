export { viewsFromDataFile, viewsFromSchema, viewsFromStatistics } from "./column-views.ts";
export { type CapturedFolder, openCaptured } from "./folder.ts";
export type { CapturedArtifact, CapturedColumn, CapturedStatistics } from "./records.ts";
