import { AccessDeniedError, type Clock, TableError } from "../model/index.ts";
import { type AskCredentials, mainThreadCredentials } from "./credentials/access.ts";
import { isLocalPath, localStore } from "./local/index.ts";
import type { ObjectStore } from "./object-store.ts";
import type { RemoteStores } from "./remote.ts";
import type { ReachRules, S3Settings, StoreSettings } from "./settings.ts";
import { testRootStore } from "./test-root.ts";

export interface OpenStoreOptions {
  /** The calling thread may stand still for small reads of local files: it does nothing but read and decode. */
  readonly inPlace?: boolean;
  /** Where renewable credentials are asked for; by default in this thread, which must be the main one. */
  readonly credentials?: AskCredentials;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** The store of a capture. Its connections are those of the thread; unused ones don't keep the process alive. */
export interface OpenedStore extends ObjectStore {
  /** Ends connections that are its own. */
  close(): void;
}

/** One store for every path of a capture: each call goes to the store of the path's scheme. */
export function openStore(settings: StoreSettings, options: OpenStoreOptions = {}): OpenedStore {
  const testRoot = settings.testRoot === undefined ? undefined : testRootStore(settings.testRoot, options);
  const local = openLocal(settings.local, options);
  let remote: Promise<RemoteStores> | undefined;

  async function storeOf(path: string): Promise<ObjectStore> {
    if (isLocalPath(path) && local !== undefined) return local;
    if (testRoot !== undefined) return testRoot;
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(path)?.[1];
    const choose = scheme === undefined ? undefined : remoteStoreFor(settings, path, scheme);
    if (scheme === undefined || choose === undefined) throw unreadablePath(settings, path, scheme);
    checkScheme(settings.reach, scheme, path);
    remote ??= openRemote(settings, options);
    return choose(await remote);
  }

  return {
    open: async (path, openOptions) => await (await storeOf(path)).open(path, openOptions),
    async *list(prefix, listOptions) {
      yield* (await storeOf(prefix)).list(prefix, listOptions);
    },
    close() {
      remote?.then(
        (stores) => stores.close(),
        () => undefined,
      );
    },
  };
}

/** Which of the stores behind HTTP has the path; undefined: none that these settings let be read. */
function remoteStoreFor(
  settings: StoreSettings,
  path: string,
  scheme: string,
): ((stores: RemoteStores) => ObjectStore) | undefined {
  const s3 = s3For(settings, path, scheme);
  if (s3 !== undefined) return (stores) => stores.s3(s3);
  const { gcs, azure, web } = settings;
  if (scheme === "gs" && gcs !== undefined) return (stores) => stores.gcs(gcs);
  if (/^(?:abfs|wasb)s?$/.test(scheme) && azure !== undefined) return (stores) => stores.azure(azure);
  const isWeb = web === true && (scheme === "https" || scheme === "http");
  return isWeb ? (stores) => stores.web() : undefined;
}

/** In the words of the format whose schemes these are (08 §5.1). */
function unreadablePath({ s3 }: StoreSettings, path: string, scheme: string | undefined): TableError {
  if (scheme === undefined && s3?.schemes.includes("s3n") === true) {
    return new TableError(`Invalid S3 URI, cannot determine scheme: ${path}`);
  }
  return new TableError(`Unsupported file system path: ${path}`);
}

/** Reading this path is a matter of network round trips. */
export function isRemotePath(settings: StoreSettings, path: string): boolean {
  return settings.testRoot === undefined && !isLocalPath(path);
}

/** Throws if the rules don't let `scheme` be read. */
function checkScheme(rules: ReachRules | undefined, scheme: string, path: string): void {
  if (rules?.schemes === undefined || rules.schemes.includes(scheme)) return;
  throw new AccessDeniedError(
    `${path}: the scheme ${scheme} is not among those that may be read (${rules.schemes.join(", ") || "none"})`,
  );
}

/** What the catalog has vended for the path, else the connector's own (08 §4.3). */
function s3For(settings: StoreSettings, path: string, scheme: string): S3Settings | undefined {
  let best = settings.s3;
  let bestLength = -1;
  for (const { prefix, s3 } of settings.s3ByPrefix ?? []) {
    if (!path.startsWith(prefix) || prefix.length <= bestLength) continue;
    best = s3;
    bestLength = prefix.length;
  }
  return best?.schemes.includes(scheme) ? best : undefined;
}

async function openRemote(settings: StoreSettings, options: OpenStoreOptions): Promise<RemoteStores> {
  const { openRemoteStores } = await import("./remote.ts");
  const ask = options.credentials ?? mainThreadCredentials;
  return openRemoteStores(settings, { ask, clock: options.clock, random: options.random });
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
