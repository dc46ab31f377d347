/**
 * Asked of each data file in scan order, says whether it is scanned for distinct values (05 §7.5, 07 §6.1): none beyond `maxFiles` (0: no
 * limit); of the others, with a fraction below 1, those whose draw is not greater than it. Draws come from the Java generator
 * seeded with 1, so that the same files are chosen as by the reference. A file beyond `maxFiles` takes no draw.
 */
export function createSampler(settings: {
  readonly fraction: number;
  readonly maxFiles: number;
}): () => boolean {
  const draw = javaRandom(1n);
  let files = 0;
  return () => {
    if (settings.maxFiles > 0 && files++ >= settings.maxFiles) return false;
    return settings.fraction >= 1 || draw() <= settings.fraction;
  };
}

const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const STATE_BITS = 48;

/** `nextDouble` of `java.util.Random`: 26 and 27 bits of a 48-bit linear congruential generator. */
function javaRandom(seed: bigint): () => number {
  let state = BigInt.asUintN(STATE_BITS, seed ^ MULTIPLIER);
  const next = (bits: number): number => {
    state = BigInt.asUintN(STATE_BITS, state * MULTIPLIER + INCREMENT);
    return Number(state >> BigInt(STATE_BITS - bits));
  };
  return () => (next(26) * 2 ** 27 + next(27)) / 2 ** 53;
}
