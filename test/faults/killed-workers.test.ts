/** A worker that is killed just before or just after any of its calls takes nothing with it (02 §3.5). */
import { describe, expect, it } from "vitest";
import type { Generation } from "../../src/model/index.ts";
import { interposed, type PortCall } from "../support/interposed.ts";
import { untilKilled } from "../support/mortal-control-plane.ts";
import { pool } from "./families.ts";
import { captureStruckTable, GENERATIONS, SOUND } from "./struck-table.ts";

const CALLS: Readonly<Record<Generation, readonly PortCall[]>> = {
  chunked: ["lease", "start", "getCancellation", "getFileGroup", "submitChunk", "submitSuccess"],
  inline: [
    "lease",
    "start",
    "getCancellation",
    "getFileGroup",
    "submitSuccess",
    "reportProgress",
    "complete",
  ],
};

for (const generation of GENERATIONS) {
  describe.concurrent.each(CALLS[generation])(`${generation}: killed %s`, (victim) => {
    it.each(["before it is sent", "after its effect, before it is answered"])("%s", async (moment) => {
      let kills = 0;
      const { findings, details } = await captureStruckTable({
        generation,
        pool,
        through(port, { workerIndex, replaceWorker }) {
          if (workerIndex > 0) return port;
          const life = new AbortController();
          const kill = () => {
            kills++;
            life.abort();
            replaceWorker();
          };
          const mortal = untilKilled(port, life.signal);
          return interposed(mortal, async (call, send) => {
            if (call !== victim || life.signal.aborted) return send();
            if (moment === "before it is sent") {
              kill();
              return send();
            }
            // What it would have heard is said to nobody.
            return interruptedAfter(send, kill);
          });
        },
      });
      expect(kills).toBe(1);
      expect(details).toEqual([]);
      expect(findings).toEqual(SOUND);
    });
  });
}

async function interruptedAfter<T>(send: () => Promise<T>, kill: () => void): Promise<T> {
  await send();
  kill();
  return new Promise(() => {});
}
