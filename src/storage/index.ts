export {
  isLocalPath,
  type LocalStoreOptions,
  localStore,
  resolveBelow,
  toFileSystemPath,
  toPlannedPath,
} from "./local/index.ts";
export type { ObjectHandle, ObjectInfo, ObjectStore } from "./object-store.ts";
export { openStore, type StoreSettings } from "./open-store.ts";
export { testRootStore } from "./test-root.ts";
