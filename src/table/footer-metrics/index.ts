export { averageWidths } from "./average-widths.ts";
export { decodeFooterBound } from "./decode-bound.ts";
export { footerMetrics } from "./footer-metrics.ts";
export { type ParquetColumnType, parquetColumnType } from "./parquet-column-type.ts";
