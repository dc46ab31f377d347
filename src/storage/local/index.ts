export { isLocalPath, resolveBelow, toFileSystemPath, toPlannedPath } from "./paths.ts";
export { type LocalStoreOptions, localStore } from "./store.ts";
