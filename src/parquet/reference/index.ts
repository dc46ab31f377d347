export { decodeDictionary } from "./dictionary.ts";
export { createReferenceEngine } from "./engine.ts";
export { openIndices, openValues } from "./open-values.ts";
export { openPageV1, openPageV2, type PageParts } from "./page-parts.ts";
export { batchLength, type ValueBatch } from "./values.ts";
