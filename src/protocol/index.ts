/** The door of the control-plane protocol: ports in domain types, records as bytes or JSON. */
export * from "./port.ts";
export { ForeignRecordError, type RecordCodec } from "./records/codec.ts";
export { loadRecordCodec } from "./records/load-codec.ts";
export { decodeTargetSpec, encodeTargetSpec, type TargetSpec } from "./records/target-spec.ts";
