import { randomFrom } from "../../support/random.ts";

/** The choices of one input. Everything that is random about an input comes from here, so its seed and index repeat it. */
export interface Random {
  /** A whole number from 0 up to `limit`, exclusive; 0 if the limit is 0. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  bytes(length: number): Uint8Array;
}

/** Choices of input `index` of the run with this seed. */
export function randomOf(seed: number, index: number): Random {
  return choicesOf(randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)));
}

function choicesOf(next: () => number): Random {
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick(items) {
      if (items.length === 0) throw new Error("nothing to pick from");
      return items[below(items.length)]!;
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
}

/** Numbers at the edges of what parsers expect. */
const EDGES = [0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536].map(
  BigInt,
);
const POWERS = [31n, 32n, 53n, 62n, 63n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits]);

/** A 64-bit integer to put in place of `value`: near it, at an edge, of a small enumeration, or one of `others`. */
export function oddInteger(random: Random, value: bigint, others: readonly bigint[]): bigint {
  switch (random.below(8)) {
    case 0:
      return value + BigInt(random.below(9) - 4);
    case 1:
      return random.pick(EDGES);
    case 2:
      return random.pick(POWERS) * (random.chance(0.4) ? -1n : 1n);
    case 3:
      return BigInt(random.below(12));
    case 4:
      return -value;
    case 5:
      return value ^ (1n << BigInt(random.below(40)));
    case 6:
      return others.length > 0 ? random.pick(others) : value * 2n;
    default:
      return others.length > 0 ? random.pick(others) + BigInt(random.below(5) - 2) : value + 1n;
  }
}
