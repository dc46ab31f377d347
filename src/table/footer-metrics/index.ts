export { averageWidths } from "./average-widths.ts";
export { footerMetrics } from "./footer-metrics.ts";
