export { type IndexedType, indexedType } from "./eligibility.ts";
export type { ChunkDecoder, ChunkSpec, DistinctSink, PageEngine, PagePlace } from "./engine.ts";
export { type ReadFooterOptions, readFooter } from "./footer/read-footer.ts";
export * from "./metadata.ts";
export { ENCODING, type PageHeader } from "./pages/page-header.ts";
