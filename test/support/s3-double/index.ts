export type { Identity } from "./identities.ts";
export { Objects } from "./objects.ts";
export {
  type Fault,
  type RecordedRequest,
  type S3Double,
  type S3DoubleOptions,
  startS3Double,
} from "./server.ts";
