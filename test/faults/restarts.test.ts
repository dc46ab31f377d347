/** A control plane that ends at any call and starts again with its data (03 §15). */
import { describe, expect, it } from "vitest";
import type { Generation } from "../../src/model/index.ts";
import { interposed, type PortCall } from "../support/interposed.ts";
import { pool } from "./families.ts";
import { captureStruckTable, GENERATIONS, SOUND } from "./struck-table.ts";

const CALLS: Readonly<Record<Generation, readonly PortCall[]>> = {
  chunked: ["lease", "start", "getFileGroup", "renew", "submitChunk", "submitSuccess"],
  inline: ["lease", "start", "getFileGroup", "renew", "submitSuccess", "reportProgress", "complete"],
};

for (const generation of GENERATIONS) {
  describe.concurrent.each(CALLS[generation])(`${generation}: restarted at %s`, (victim) => {
    it.each(["while it is on its way", "right after it"])("%s", async (moment) => {
      let restarts = 0;
      const { findings, details } = await captureStruckTable({
        generation,
        pool,
        captureMs: victim === "renew" ? 4000 : 0,
        through: (port, { restart }) =>
          interposed(port, async (call, send) => {
            if (call !== victim || restarts > 0) return send();
            restarts++;
            if (moment === "while it is on its way") {
              const restarted = restart();
              return send().finally(() => restarted);
            }
            return send().finally(restart);
          }),
      });
      expect(restarts).toBe(1);
      expect(details).toEqual([]);
      expect(findings).toEqual(SOUND);
    });
  });
}
