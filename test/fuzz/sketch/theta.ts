import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  entryCount,
  parseTheta,
  serialiseTheta,
  ThetaFormatError,
  type ThetaSketch,
  thetaEstimate,
  unionThetas,
} from "../../../src/sketch/index.ts";
import { damage } from "../harness/bytes.ts";
import { judge } from "../harness/promised.ts";
import type { Random } from "../harness/random.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";

/** Theta sketches in every serial form. What is accepted must be a sketch: written again it is the same, and so is its union with itself. */
export function thetaTarget(): FuzzTarget {
  const seeds = thetaSeeds();
  return {
    name: "theta",
    seedCount: seeds.length,
    mutant(random) {
      let bytes = random.pick(seeds);
      for (let i = random.pick([1, 1, 2, 3]); i > 0; i--)
        bytes = damageTheta(random, bytes, random.pick(seeds));
      return bytes;
    },
    run: async (input) => runTheta(input),
  };
}

/** The golden sketches, as they are and as older and newer serial versions lay them out. */
export function thetaSeeds(): Uint8Array[] {
  const path = join(import.meta.dirname, "../../fixtures/data/theta/goldens.json");
  const hex = readFileSync(path, "utf8").matchAll(/"hex": ?"([0-9a-f]+)"/g);
  return [...hex]
    .map(([, digits = ""]) => new Uint8Array(Buffer.from(digits, "hex")))
    .filter(({ length }) => length < 5000);
}

/** Half of the time in the preamble: longs, serial version, family, flags, seed hash, count, theta. */
function damageTheta(random: Random, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  if (random.chance(0.5)) return damage(random, bytes, donor);
  const copy = bytes.slice();
  const at = random.below(Math.min(24, copy.length));
  copy[at] = random.pick([0, 1, 2, 3, 4, 5, 0x1a, 0x2a, 0x3a, 0x1e, 8, 63, 255]);
  return copy;
}

function runTheta(input: Uint8Array): Outcome {
  let sketch: ThetaSketch;
  try {
    sketch = parseTheta(input);
  } catch (error) {
    return judge(error, "theta", [ThetaFormatError]);
  }
  const again = parseTheta(serialiseTheta(sketch));
  if (!isDeepStrictEqual(again, sketch))
    return fault("a sketch changes when it is written and read again", sketch);
  const union = unionThetas([sketch, sketch], Math.max(16, entryCount(sketch)));
  if (!isDeepStrictEqual(union, sketch)) return fault("the union of a sketch with itself is another", sketch);
  const estimate = thetaEstimate(sketch);
  if (!Number.isFinite(estimate) || estimate < entryCount(sketch))
    return fault(`the estimate is ${estimate}`, sketch);
  return { kind: "accepted" };
}

function fault(what: string, sketch: ThetaSketch): Outcome {
  return {
    kind: "finding",
    what,
    detail: `${entryCount(sketch)} entries, theta ${sketch.theta}, empty ${sketch.empty}`,
  };
}
