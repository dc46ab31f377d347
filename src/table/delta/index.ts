export {
  type GlueTable,
  glueTable,
  glueTableRoot,
  isDelta,
  listUnityTables,
  unityTableRoot,
} from "./catalog/index.ts";
export { createDeltaCache, type DeltaCache } from "./delta-cache.ts";
export { type DeltaOptions, deltaVersions, openDelta } from "./open.ts";
export { type DeltaSource, deltaSource } from "./source.ts";
