export {
  type DeltaOptions,
  type DeltaSource,
  deltaSource,
  deltaTableRoot,
  openDelta,
} from "./delta/index.ts";
export { averageWidths, footerMetrics } from "./footer-metrics/index.ts";
export type {
  ColumnMetrics,
  FileMetrics,
  FooterColumn,
  FooterPlan,
  SnapshotColumn,
  TableFile,
  TableSnapshot,
} from "./snapshot.ts";
