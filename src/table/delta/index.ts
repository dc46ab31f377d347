export { createDeltaCache, type DeltaCache } from "./delta-cache.ts";
export { type DeltaOptions, openDelta } from "./open.ts";
export { type DeltaSource, deltaSource, deltaTableRoot } from "./source.ts";
