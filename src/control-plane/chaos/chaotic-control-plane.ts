/**
 * A control plane with faults on purpose: the fault proxy listens where the control plane would, the control plane behind it
 * is restarted and its wall clock jumps, all by one seed. Which call meets which fault is decided by the seed alone; when
 * restarts and jumps fall is too, but what is under way then is not.
 */
import { systemClock } from "../../model/index.ts";
import { type ControlPlane, type ControlPlaneOptions, createControlPlaneServer } from "../server.ts";
import { seededFaults } from "./chooser.ts";
import type { FaultKind } from "./fault.ts";
import { jumpingClock } from "./jumping-clock.ts";
import { startFaultProxy } from "./proxy.ts";
import { seededRandom } from "./random.ts";
import type { ChaosSpec } from "./spec.ts";

export type FaultCounts = Readonly<Record<FaultKind | "restart" | "clock-jump", number>>;

/** At the address of the proxy; its inside is that of the control plane since the last restart. */
export interface ChaoticControlPlane extends ControlPlane {
  /** Faults so far, by kind. */
  counts(): FaultCounts;
}

export interface ChaoticOptions extends ControlPlaneOptions {
  readonly spec: ChaosSpec;
  /** Told of every fault: its kind, and the call that it strikes or what it does. */
  readonly onFault?: (kind: string, about: string) => void;
  readonly onClosed?: (counts: FaultCounts) => void;
}

export async function startChaoticControlPlane(options: ChaoticOptions): Promise<ChaoticControlPlane> {
  const { spec, onFault, onClosed, listen, ...plain } = options;
  const systemTime = plain.clock ?? systemClock;
  const clock = jumpingClock(systemTime);
  const start = () => createControlPlaneServer({ ...plain, clock, listen: { host: "127.0.0.1", port: 0 } });
  let inner: ControlPlane = await start();
  const proxy = await startFaultProxy({
    listen,
    target: () => inner.url,
    choose: seededFaults(spec),
    onFault: ({ kind }, path) => onFault?.(kind, path),
  }).catch(async (error: unknown) => {
    await inner.close(0);
    throw error;
  });
  const own = { restart: 0, "clock-jump": 0 };
  const over = new AbortController();

  /** Every `everyMs` on average, until it is over. */
  const often = async (name: keyof typeof own, everyMs: number, strike: (roll: number) => Promise<void>) => {
    if (everyMs === 0) return;
    const random = seededRandom(`${spec.seed} ${name}`);
    for (;;) {
      try {
        await systemTime.sleep(everyMs * (0.5 + random()), over.signal);
      } catch {
        return;
      }
      own[name]++;
      await strike(random());
    }
  };
  const restarts = often("restart", spec.restartEveryMs, async () => {
    onFault?.("restart", "the control plane ends in the middle of its calls and starts again");
    await inner.close(0);
    inner = await start();
  });
  const jumps = often("clock-jump", spec.jumpEveryMs, async (roll) => {
    const ms = Math.round((2 * roll - 1) * spec.maxJumpMs);
    onFault?.("clock-jump", `${ms} ms`);
    clock.jump(ms);
  });

  const counts = () => ({ ...proxy.counts(), ...own });
  return {
    host: listen.host,
    port: proxy.port,
    url: proxy.url,
    get context() {
      return inner.context;
    },
    get store() {
      return inner.store;
    },
    get engine() {
      return inner.engine;
    },
    get maintenance() {
      return inner.maintenance;
    },
    counts,
    async close(graceMs) {
      over.abort();
      await Promise.all([restarts, jumps]);
      await proxy.close();
      await inner.close(graceMs);
      onClosed?.(counts());
    },
  };
}
