export { findAuthority, type MintedKeys, type StorageAuthority, vendedBy } from "./authority.ts";
export { type CredentialMint, mintCredentials } from "./mint.ts";
export { readAuthorities } from "./read.ts";
export { isAboveOrBelow, tableLocation } from "./table-location.ts";
