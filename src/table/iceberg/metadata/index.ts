export { isJsonObject, type JsonObject, longOf, parseJson, stringMap } from "./json.ts";
export {
  type IcebergSnapshotEntry,
  type PartitionField,
  type PartitionSpec,
  parseTableMetadata,
  type TableMetadata,
} from "./table-metadata.ts";
export {
  childrenOf,
  type IcebergField,
  type IcebergPrimitive,
  type IcebergSchema,
  type IcebergType,
  visitFields,
} from "./types.ts";
