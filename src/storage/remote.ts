import { type Clock, systemClock } from "../model/index.ts";
import type { AskCredentials } from "./credentials/access.ts";
import { httpLimits } from "./http/limits.ts";
import { createReadAheadMemory } from "./http/read-ahead-memory.ts";
import { createTransport } from "./http/transport.ts";
import type { ObjectStore } from "./object-store.ts";
import { s3Store } from "./s3/store.ts";
import type { S3Settings, StoreSettings } from "./settings.ts";

/** The stores behind HTTP, loaded when the first path of one is met; they share connections and limits. */
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
  const { clock = systemClock, random = Math.random } = options;
  const limits = httpLimits(settings.limits);
  const transport = createTransport({ limits, reach: settings.reach, network: settings.network, clock });
  const ahead = createReadAheadMemory(limits.readAheadBytes);
  const opened = new Map<S3Settings, ObjectStore>();
  return {
    s3(s3) {
      let store = opened.get(s3);
      if (store === undefined) {
        store = s3Store({ settings: s3, transport, ask: options.ask, limits, ahead, clock, random });
        opened.set(s3, store);
      }
      return store;
    },
    close: () => transport.close(),
  };
}
