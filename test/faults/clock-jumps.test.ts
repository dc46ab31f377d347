/** The control plane's wall clock jumps; the workers' clocks know nothing of it (02 §3.5, §12.8). */
import { describe, expect, it } from "vitest";
import type { Strike } from "../support/fault-proxy.ts";
import { interposed, type PortCall } from "../support/interposed.ts";
import { pool } from "./families.ts";
import { captureStruckTable, GENERATIONS, LEASE_MS, SOUND } from "./struck-table.ts";

/** Beyond the lease but within the grace, where a chunked server still believes an ending; and far beyond both. */
const JUMPS = [LEASE_MS + 500, 10 * LEASE_MS, -2 * LEASE_MS];

const SUBMIT = "SubmitLeasedFileGroupExecutionResult";
const silenceMs = 20;

async function jumpBefore(
  victim: PortCall,
  generation: (typeof GENERATIONS)[number],
  jumpMs: number,
  strikes: readonly Strike[] = [],
) {
  let calls = 0;
  return await captureStruckTable({
    generation,
    pool,
    strikes,
    through: (port, { jump }) =>
      interposed(port, (call, send) => {
        // A call that was struck comes again: the clock jumps between the two.
        if (call === victim && ++calls === 1 + strikes.length) jump(jumpMs);
        return send();
      }),
  });
}

describe.concurrent.each(GENERATIONS)("%s", (generation) => {
  describe.each(JUMPS)("a jump of %d ms", (jumpMs) => {
    it.each<PortCall>(["start", "getFileGroup", "submitSuccess"])(
      "before %s: every file is captured once",
      async (victim) => {
        const { findings, details } = await jumpBefore(victim, generation, jumpMs);
        expect(details).toEqual([]);
        expect(findings).toEqual(SOUND);
      },
    );

    it.each<[string, Strike["fault"]]>([
      ["has not arrived", { kind: "drop-request", silenceMs }],
      ["has arrived, unanswered", { kind: "drop-response", silenceMs }],
    ])("after a success that %s: every file is captured once", async (_name, fault) => {
      const nth = generation === "chunked" ? 2 : 1;
      const { findings, details, struck } = await jumpBefore("submitSuccess", generation, jumpMs, [
        { method: SUBMIT, nth, fault },
      ]);
      expect(struck).toEqual([SUBMIT]);
      expect(details).toEqual([]);
      expect(findings).toEqual(SOUND);
    });
  });
});
