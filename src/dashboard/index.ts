export { healthRoutes } from "./http/health.ts";
export { type HttpOptions, type Route, type RunningHttp, startHttp } from "./http/server.ts";
export { pageRoutes } from "./page-routes.ts";
export type { FileIndex, IndexedFile, IndexedTable, IndexSource } from "./picture/source.ts";
export type {
  Failure,
  JobInFlight,
  Readiness,
  Status,
  StatusSource,
  ThroughputBucket,
  Totals,
} from "./status.ts";
