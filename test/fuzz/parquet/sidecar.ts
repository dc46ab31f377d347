import { isDeepStrictEqual } from "node:util";
import { UnreadableFileError } from "../../../src/model/index.ts";
import { readSidecar, writeSidecar } from "../../../src/parquet/sidecar/index.ts";
import { GOLDEN_ROWS } from "../../support/golden-page-rows.ts";
import { memorySource } from "../../support/memory-source.ts";
import { judge } from "../harness/promised.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { mutateParquet } from "./mutate.ts";

/** Page-index sidecars, read back: what is accepted must be rows that a sidecar can hold, so that writing them changes nothing. */
export function sidecarTarget(): FuzzTarget {
  const seeds = [GOLDEN_ROWS.slice(0, 10), GOLDEN_ROWS.slice(10, 14), GOLDEN_ROWS.slice(14, 44), []].map(
    (rows) => writeSidecar(rows, "s3://b/f.parquet"),
  );
  return {
    name: "sidecar",
    seedCount: seeds.length,
    mutant: (random) => mutateParquet(random, random.pick(seeds), random.pick(seeds)),
    run: runSidecar,
  };
}

const { signal } = new AbortController();

async function runSidecar(input: Uint8Array): Promise<Outcome> {
  try {
    const sidecar = await readSidecar(memorySource(input), { signal });
    const written = writeSidecar(sidecar.rows, sidecar.dataFilePath);
    const again = await readSidecar(memorySource(written), { signal });
    // The writer sorts (06 §4.3), so the same rows in the same order are only asked of what it wrote.
    const thrice = await readSidecar(memorySource(writeSidecar(again.rows, again.dataFilePath)), { signal });
    if (again.rows.length === sidecar.rows.length && isDeepStrictEqual(thrice, again))
      return { kind: "accepted" };
    return {
      kind: "finding",
      what: "a sidecar's rows change when they are written and read again",
      detail: `${sidecar.rows.length} rows, ${again.rows.length}, ${thrice.rows.length}`,
    };
  } catch (error) {
    return judge(error, "sidecar", [UnreadableFileError]);
  }
}
