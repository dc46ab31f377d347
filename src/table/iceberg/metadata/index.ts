export { isJsonObject, type JsonObject, longOf, objectOf, parseJson, stringMap } from "./json.ts";
export {
  type IcebergSnapshotEntry,
  type PartitionField,
  type PartitionSpec,
  parseTableMetadata,
  type TableMetadata,
  tableMetadataOf,
} from "./table-metadata.ts";
export {
  childrenOf,
  type IcebergField,
  type IcebergPrimitive,
  type IcebergSchema,
  type IcebergType,
  visitFields,
} from "./types.ts";
