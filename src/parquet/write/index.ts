export {
  type ColumnBuilder,
  type ColumnShape,
  type ColumnValues,
  float64Builder,
  int64Builder,
  textBuilder,
} from "./column-builders.ts";
export { encodeFlatFile, type FlatFileEncoder } from "./flat-file.ts";
export type { WrittenFile } from "./footer.ts";
export type { WrittenColumn } from "./schema.ts";
