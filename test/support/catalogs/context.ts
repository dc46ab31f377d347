import { openHttp } from "../../../src/http/index.ts";
import { type Clock, systemClock } from "../../../src/model/index.ts";
import type { CatalogContext } from "../../../src/table/index.ts";

/** A clock that passes the time of every wait at once. */
export function hastyClock(): Clock & { readonly waits: number[]; forwardMs: number } {
  const waits: number[] = [];
  const clock = {
    waits,
    forwardMs: 0,
    nowMs: () => systemClock.nowMs() + clock.forwardMs,
    monotonicMs: () => systemClock.monotonicMs() + clock.forwardMs,
    async sleep(ms: number, signal: AbortSignal) {
      signal.throwIfAborted();
      waits.push(ms);
      clock.forwardMs += ms;
    },
  };
  return clock;
}

const http = openHttp();

/** Real HTTP, no waits, nobody's identity. */
export function catalogContext(given: Partial<CatalogContext> = {}): CatalogContext {
  return {
    fetch: http.fetch,
    clock: hastyClock(),
    random: () => 0,
    awsIdentity: async () => {
      throw new Error("this machine has no AWS identity");
    },
    environment: () => undefined,
    databricks: {
      anyHost: false,
      readTokenCache: async () => {
        throw new Error("there is no token cache");
      },
    },
    ...given,
  };
}
