import { TableError } from "../model/index.ts";
import { isLocalPath, localStore } from "./local/index.ts";
import type { ObjectStore } from "./object-store.ts";
import type { StoreSettings } from "./settings.ts";
import { testRootStore } from "./test-root.ts";

export interface OpenStoreOptions {
  /** The calling thread may stand still for small reads of local files: it does nothing but read and decode. */
  readonly inPlace?: boolean;
}

/** One store for every path of a capture: each call goes to the store of the path's scheme. */
export function openStore(settings: StoreSettings, options: OpenStoreOptions = {}): ObjectStore {
  const testRoot = settings.testRoot === undefined ? undefined : testRootStore(settings.testRoot, options);
  const local = openLocal(settings.local, options);
  const storeOf = (path: string): ObjectStore => {
    if (isLocalPath(path) && local !== undefined) return local;
    if (testRoot !== undefined) return testRoot;
    if (/^s3[an]?:\/\//.test(path)) throw new TableError(`S3 storage is not supported yet: ${path}`);
    throw new TableError(`Unsupported file system path: ${path}`);
  };
  return {
    open: async (path, options) => await storeOf(path).open(path, options),
    async *list(prefix, options) {
      yield* storeOf(prefix).list(prefix, options);
    },
  };
}

function openLocal(local: StoreSettings["local"], { inPlace }: OpenStoreOptions): ObjectStore | undefined {
  switch (local.kind) {
    case "anywhere":
      return localStore({ inPlace });
    case "below":
      return localStore({ root: local.root, inPlace });
    case "none":
      return undefined;
  }
}
