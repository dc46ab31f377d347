export { type DeltaOptions, openDelta } from "./open.ts";
export { type DeltaSource, deltaSource, deltaTableRoot } from "./source.ts";
