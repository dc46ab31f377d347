import { type Clock, systemClock } from "../model/index.ts";
import type { AzureSettings } from "./azure/settings.ts";
import { azureStore } from "./azure/store.ts";
import type { AskCredentials } from "./credentials/access.ts";
import type { GcsSettings } from "./gcs/settings.ts";
import { gcsStore } from "./gcs/store.ts";
import { connectionsOf } from "./http/connections.ts";
import type { ObjectStore } from "./object-store.ts";
import { s3Store } from "./s3/store.ts";
import type { S3Settings, StoreSettings } from "./settings.ts";
import { webStore } from "./web/store.ts";

/** The stores behind HTTP, loaded when the first path of one is met. */
export interface RemoteStores {
  s3(settings: S3Settings): ObjectStore;
  gcs(settings: GcsSettings): ObjectStore;
  azure(settings: AzureSettings): ObjectStore;
  web(): ObjectStore;
  close(): void;
}

export interface RemoteOptions {
  readonly ask: AskCredentials;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

export function openRemoteStores(settings: StoreSettings, options: RemoteOptions): RemoteStores {
  const { ask, clock = systemClock, random = Math.random } = options;
  const { transport, limits, ahead, close } = connectionsOf(settings, clock);
  const shared = { transport, limits, ahead, clock, random };
  let web: ObjectStore | undefined;
  const opened = new Map<object, ObjectStore>();
  /** One store for each settings: what it has learnt and the tokens that it has got serve every file. */
  function once(settings: object, open: () => ObjectStore): ObjectStore {
    const store = opened.get(settings) ?? open();
    opened.set(settings, store);
    return store;
  }
  return {
    s3: (s3) => once(s3, () => s3Store({ ...shared, settings: s3, ask })),
    gcs: (gcs) => once(gcs, () => gcsStore({ ...shared, settings: gcs, network: settings.network })),
    azure: (azure) =>
      once(azure, () => azureStore({ ...shared, settings: azure, network: settings.network })),
    web() {
      web ??= webStore(shared);
      return web;
    },
    close,
  };
}
