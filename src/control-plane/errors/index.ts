export { type DetailOptions, toGrpcError } from "./details.ts";
export * from "./service-error.ts";
