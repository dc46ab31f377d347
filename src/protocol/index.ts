/**
 * The door of the control-plane protocol: connections and ports in domain types, records as bytes or JSON. Nothing here
 * loads generated code or RPC libraries until it is used.
 */
export { connectControlPlane } from "./connect.ts";
export { ReflectionUnavailableError, UnsupportedServerError } from "./detect/errors.ts";
export * from "./port.ts";
export { ForeignRecordError, type RecordCodec } from "./records/codec.ts";
export { loadRecordCodec } from "./records/load-codec.ts";
export { decodeTargetSpec, encodeTargetSpec, type TargetSpec } from "./records/target-spec.ts";
export type { ControlPlaneConnection, ControlPlaneSettings } from "./settings.ts";
export { bearer, noToken, staticToken, type TokenSource } from "./token.ts";
export type { CredentialVending, VendedCredential, VendedStorage, VendingRequest } from "./vending.ts";
