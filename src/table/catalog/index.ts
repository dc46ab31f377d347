export type {
  AwsProfile,
  CatalogContext,
  CatalogFetch,
  CatalogRequest,
  DatabricksIdentity,
} from "./context.ts";
export { catalogFetch } from "./fetch.ts";
export { networkError } from "./network-error.ts";
export { type RetryRules, withRetries } from "./retry.ts";
export { serverText } from "./secrets.ts";
export { type SigningScope, signedHeaders, type UnsignedRequest } from "./sigv4.ts";
