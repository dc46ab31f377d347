export { type IndexedType, indexedType } from "./eligibility.ts";
export type { ChunkDecoder, ChunkSpec, DistinctSink, EntrySink, PageEngine, PagePlace } from "./engine.ts";
export { createFastEngine, type FastEngineOptions } from "./fast/index.ts";
export { type ReadFooterOptions, readFooter } from "./footer/read-footer.ts";
export * from "./metadata.ts";
export { type BufferPool, createBufferPool } from "./pages/buffers.ts";
export {
  type ChunkRows,
  type IndexPagesOptions,
  indexChunks,
  indexedRanges,
  indexPages,
  MAX_CHUNKS_AT_A_TIME,
} from "./pages/index-pages.ts";
export { ownMemory, type PageMemory } from "./pages/memory.ts";
export { ENCODING, type PageHeader } from "./pages/page-header.ts";
export { type ScanOptions, scanChunk } from "./pages/scan.ts";
export { type Page, type WalkOptions, walkPages } from "./pages/walk.ts";
export {
  type ColumnValue,
  type ColumnWindow,
  findChild,
  findNode,
  leafOf,
  listElementNode,
  mapEntryNodes,
  openRecords,
  type RecordReader,
} from "./records/index.ts";
export { createReferenceEngine } from "./reference/index.ts";
