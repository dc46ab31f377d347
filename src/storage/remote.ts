import { type Clock, systemClock } from "../model/index.ts";
import type { AskCredentials } from "./credentials/access.ts";
import { connectionsOf } from "./http/connections.ts";
import type { ObjectStore } from "./object-store.ts";
import { s3Store } from "./s3/store.ts";
import type { S3Settings, StoreSettings } from "./settings.ts";
import { webStore } from "./web/store.ts";

/** The stores behind HTTP, loaded when the first path of one is met. */
export interface RemoteStores {
  s3(settings: S3Settings): ObjectStore;
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
  const opened = new Map<S3Settings, ObjectStore>();
  return {
    s3(s3) {
      let store = opened.get(s3);
      if (store === undefined) {
        store = s3Store({ ...shared, settings: s3, ask });
        opened.set(s3, store);
      }
      return store;
    },
    web() {
      web ??= webStore(shared);
      return web;
    },
    close,
  };
}
