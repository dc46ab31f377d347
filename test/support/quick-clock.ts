import { type Clock, systemClock } from "../../src/model/index.ts";

/** A clock whose time passes `factor` times as fast, so that leases really run out without being waited for. */
export function quickClock(factor: number): Clock {
  const originMs = systemClock.nowMs();
  return {
    nowMs: () => originMs + (systemClock.nowMs() - originMs) * factor,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}
