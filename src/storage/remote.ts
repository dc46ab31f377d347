import { type Clock, systemClock } from "../model/index.ts";
import type { AskCredentials } from "./credentials/access.ts";
import { connectionsOf } from "./http/connections.ts";
import type { ObjectStore } from "./object-store.ts";
import { s3Store } from "./s3/store.ts";
import type { S3Settings, StoreSettings } from "./settings.ts";

/** The stores behind HTTP, loaded when the first path of one is met. */
export interface RemoteStores {
  s3(settings: S3Settings): ObjectStore;
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
  const opened = new Map<S3Settings, ObjectStore>();
  return {
    s3(s3) {
      let store = opened.get(s3);
      if (store === undefined) {
        store = s3Store({ settings: s3, transport, limits, ahead, ask, clock, random });
        opened.set(s3, store);
      }
      return store;
    },
    close,
  };
}
