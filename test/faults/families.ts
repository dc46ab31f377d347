import { describe, expect, it } from "vitest";
import { createCapturePool } from "../../src/capture/index.ts";
import type { Fault } from "../../src/control-plane/chaos/index.ts";
import { CALLS, captureStruckTable, GENERATIONS, SOUND, type StruckCall } from "./struck-table.ts";

/** Ends with the process. */
export const pool = createCapturePool({ threads: 1 });

/** Tests of each fault alone, at every call of a worker or at those that `at` chooses. */
export function testEachFault(
  faults: readonly (readonly [string, Fault])[],
  at: (call: StruckCall) => boolean = () => true,
): void {
  for (const generation of GENERATIONS) {
    describe.concurrent.each(CALLS[generation].filter(at))(
      `${generation}: $call`,
      ({ method, nth, ...of }) => {
        it.each(faults)("%s: every file is captured once", async (_name, fault) => {
          const strikes = [{ method, nth, fault }];
          const { findings, details, struck } = await captureStruckTable({
            generation,
            pool,
            strikes,
            ...of,
          });
          expect(struck).toEqual([method]);
          expect(details).toEqual([]);
          expect(findings).toEqual(SOUND);
        });
      },
    );
  }
}
