import type { Clock } from "../../model/index.ts";

/** A clock whose wall time can jump, as when a machine's time is set; what is measured and waited for isn't touched. */
export interface JumpingClock extends Clock {
  jump(ms: number): void;
}

export function jumpingClock(clock: Clock): JumpingClock {
  let offsetMs = 0;
  return {
    nowMs: () => clock.nowMs() + offsetMs,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    jump(ms) {
      offsetMs += ms;
    },
  };
}
