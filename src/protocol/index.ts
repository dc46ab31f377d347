/**
 * The door of the control-plane protocol: connections and ports in domain types, records as bytes or JSON. Nothing here
 * loads generated code or RPC libraries until it is used.
 */
export { type OidcTokenSettings, oidcTokens, TokenError } from "./auth/index.ts";
export { connectControlPlane, connectJobControl } from "./connect.ts";
export { ReflectionUnavailableError, UnsupportedServerError } from "./detect/errors.ts";
export {
  JOB_STATES,
  type Job,
  type JobControl,
  type JobFileResult,
  type JobPage,
  type JobQuery,
  type JobState,
} from "./job-control.ts";
export * from "./port.ts";
export { DamagedRecordError, ForeignRecordError, type RecordCodec } from "./records/codec.ts";
export { loadRecordCodec } from "./records/load-codec.ts";
export { decodeTargetSpec, encodeTargetSpec, type TargetSpec } from "./records/target-spec.ts";
export type { ResultBlobs } from "./result-blobs.ts";
export type {
  ControlPlaneConnection,
  ControlPlaneSettings,
  GenerationChange,
  JobControlConnection,
  TlsSettings,
} from "./settings.ts";
export { bearer, noToken, staticToken, type TokenSource } from "./token.ts";
export type { CredentialVending, VendedCredential, VendedStorage, VendingRequest } from "./vending.ts";
