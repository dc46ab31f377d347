export {
  type CatalogTable,
  type CatalogTableRequest,
  listCatalogTables,
  loadCatalogTable,
  type OptionLayer,
} from "./catalog/index.ts";
export { type IcebergColumn, UnknownColumnError } from "./columns.ts";
export { metadataFileNdv } from "./file-ndv.ts";
export {
  type IcebergSnapshotInfo,
  type IcebergTable,
  type IcebergTableOptions,
  listSnapshots,
  loadIcebergTable,
} from "./iceberg-table.ts";
export { createManifestCache, DEFAULT_MANIFEST_CACHE_BYTES, type ManifestCache } from "./manifests/index.ts";
export type { MetadataFile } from "./metadata-file.ts";
export {
  checkConnector,
  hasParquetSuffix,
  type IcebergNdvOptions,
  type IcebergSource,
  icebergNdvOptions,
  icebergSource,
} from "./options.ts";
export { type IcebergOptions, type IcebergSnapshot, openIceberg } from "./snapshot.ts";
