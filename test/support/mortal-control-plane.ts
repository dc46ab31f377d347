import type { ControlPlane } from "../../src/protocol/port.ts";
import { interposed } from "./interposed.ts";

/**
 * A control plane as a process reaches it until it is killed: nothing that it sends afterwards arrives, and it hears nothing
 * more, not even of calls under way, whose effect stands.
 */
export function untilKilled(plane: ControlPlane, killed: AbortSignal): ControlPlane {
  return interposed(plane, async (_call, send) => {
    if (killed.aborted) return silence();
    try {
      const answer = await send();
      return killed.aborted ? silence() : answer;
    } catch (error) {
      if (killed.aborted) return silence();
      throw error;
    }
  });
}

function silence(): Promise<never> {
  return new Promise(() => {});
}
