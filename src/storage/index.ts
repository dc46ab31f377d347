export type { AzureCredentialSettings, AzureSettings } from "./azure/settings.ts";
export { type AskCredentials, mainThreadCredentials } from "./credentials/access.ts";
export {
  type CredentialRequest,
  type HeldCredentials,
  holdCredentials,
  type S3CredentialSource,
} from "./credentials/held.ts";
export type { GcsCredentialSettings, GcsSettings } from "./gcs/settings.ts";
export { checkHost, lookupReachable } from "./http/reach.ts";
export { createSemaphore, type Semaphore } from "./http/semaphore.ts";
export {
  isLocalPath,
  type LocalStoreOptions,
  localStore,
  resolveBelow,
  toFileSystemPath,
  toPlannedPath,
} from "./local/index.ts";
export type { ObjectEnd, ObjectHandle, ObjectInfo, ObjectStore, OpenOptions } from "./object-store.ts";
export { isRemotePath, type OpenedStore, type OpenStoreOptions, openStore } from "./open-store.ts";
export { type AmbientS3, type StorageOptions, s3SettingsOf } from "./s3/options.ts";
export { openS3Writer, type S3Writer } from "./s3/writer.ts";
export type {
  PrefixedS3Settings,
  ReachRules,
  RenewableCredentials,
  S3CredentialSettings,
  S3Credentials,
  S3Keys,
  S3Settings,
  StoreLimits,
  StoreSettings,
} from "./settings.ts";
export { testRootStore } from "./test-root.ts";
