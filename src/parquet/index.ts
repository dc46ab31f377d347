export { type IndexedType, indexedType } from "./eligibility.ts";
export type { ChunkDecoder, ChunkSpec, DistinctSink, PageEngine, PagePlace } from "./engine.ts";
export { type ReadFooterOptions, readFooter } from "./footer/read-footer.ts";
export * from "./metadata.ts";
export { type IndexPagesOptions, indexPages } from "./pages/index-pages.ts";
export { ENCODING, type PageHeader } from "./pages/page-header.ts";
export { type ScanOptions, scanChunk } from "./pages/scan.ts";
export { type CrcMode, type Page, type WalkOptions, walkPages } from "./pages/walk.ts";
export { createReferenceEngine } from "./reference/index.ts";
