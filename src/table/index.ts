export { type BareOptions, openBare } from "./bare/index.ts";
export { bareLocations } from "./bare-source.ts";
export type {
  AwsProfile,
  CatalogContext,
  CatalogFetch,
  CatalogRequest,
  DatabricksIdentity,
} from "./catalog/index.ts";
export { catalogFetch } from "./catalog/index.ts";
export {
  createDeltaCache,
  type DeltaCache,
  type DeltaOptions,
  type DeltaSource,
  deltaSource,
  deltaVersions,
  type GlueTable,
  glueTable,
  isDelta,
  listUnityTables,
  openDelta,
} from "./delta/index.ts";
export { averageWidths, footerMetrics } from "./footer-metrics/index.ts";
export {
  createManifestCache,
  hasParquetSuffix,
  type IcebergNdvOptions,
  type IcebergOptions,
  type IcebergSnapshot,
  type IcebergSnapshotInfo,
  type IcebergSource,
  type IcebergTable,
  type IcebergTableOptions,
  icebergNdvOptions,
  icebergSource,
  listCatalogTables,
  listSnapshots,
  loadIcebergTable,
  type ManifestCache,
  metadataFileNdv,
  type OptionLayer,
  openIceberg,
  UnknownColumnError,
} from "./iceberg/index.ts";
export { detectFormat, type TableFormat } from "./locate.ts";
export { openSource, type SourceOpening } from "./open-source.ts";
export { scopedCaches, type TableCaches } from "./scoped-caches.ts";
export type {
  ColumnLocation,
  ColumnMetrics,
  FileMetrics,
  FooterColumn,
  FooterPlan,
  ListedFile,
  MetadataNdv,
  SnapshotColumn,
  TableFile,
  TableSnapshot,
} from "./snapshot.ts";
export { findTable, type SourceRequest, type TableSource } from "./table-source.ts";
export { type TableStore, tableStore } from "./table-store.ts";
