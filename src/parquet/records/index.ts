export type { ColumnValue } from "./column-values.ts";
export type { ColumnWindow } from "./column-window.ts";
export { openRecords, type RecordReader } from "./record-reader.ts";
export { findChild, findNode, leafOf, listElementNode, mapEntryNodes } from "./schema-lookup.ts";
