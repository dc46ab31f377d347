import { type Clock, systemClock } from "../../model/index.ts";
import type { StoreSettings } from "../settings.ts";
import { type HttpLimits, httpLimits } from "./limits.ts";
import { createReadAheadMemory, type ReadAheadMemory } from "./read-ahead-memory.ts";
import { createTransport, type Transport } from "./transport.ts";

/**
 * What the stores of one thread share, whoever's credentials they have: connections, the number of requests under way, and the
 * memory of what is fetched ahead. Each leased group has a store of its own, and a handshake for each would cost more than its
 * files.
 */
export interface Connections {
  readonly transport: Transport;
  readonly limits: HttpLimits;
  readonly ahead: ReadAheadMemory;
  /** Does nothing where others of the thread use them too. */
  close(): void;
}

type ConnectionSettings = Pick<StoreSettings, "reach" | "network" | "limits">;

/** By settings, of which a process has one or two. Idle connections don't keep it alive, and servers close them. */
const shared = new Map<string, Connections>();

/** Those of this thread; with a clock of its own, which tests have, one's own. */
export function connectionsOf(settings: ConnectionSettings, clock: Clock = systemClock): Connections {
  if (clock !== systemClock) {
    const own = openConnections(settings, clock);
    return { ...own, close: () => own.transport.close() };
  }
  const { reach, network, limits } = settings;
  const key = JSON.stringify([reach, network, limits]);
  const known = shared.get(key);
  if (known !== undefined) return known;
  const opened = openConnections(settings, clock);
  shared.set(key, opened);
  return opened;
}

function openConnections({ reach, network, limits: stated }: ConnectionSettings, clock: Clock): Connections {
  const limits = httpLimits(stated);
  return {
    transport: createTransport({ limits, reach, network, clock }),
    limits,
    ahead: createReadAheadMemory(limits.readAheadBytes),
    close() {},
  };
}
