import { concat } from "../../support/parquet-encodings.ts";
import type { Random } from "./random.ts";

/** Damage that knows nothing of what the bytes mean. */

const EDGE_BYTES = [0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0xfe, 0xff];
const EDGE_WORDS = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
/** Varints of 2³¹ − 1, 2³² − 1, 2³⁵ − 1 and 2⁶⁴ − 1: run headers, counts and lengths. */
const LONG_VARINTS = [
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xfe, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
];

/** One change; `donor` gives what is spliced in. Longer than the input by at most a few hundred bytes. */
export function damage(random: Random, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  if (bytes.length === 0) return random.bytes(1 + random.below(16));
  const at = position(random, bytes.length);
  switch (random.below(12)) {
    case 0:
    case 1:
      return replaced(bytes, at, Uint8Array.of(bytes[at]! ^ (1 << random.below(8))));
    case 2:
    case 3:
      return replaced(bytes, at, Uint8Array.of(random.pick(EDGE_BYTES)));
    case 4:
      return replaced(bytes, at, Uint8Array.of(bytes[at]! + random.below(9) - 4));
    case 5:
      return replaced(bytes, at, wordOf(random));
    case 6:
      return replaced(bytes, at, Uint8Array.from(random.pick(LONG_VARINTS)));
    case 7:
      return concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(lengthFor(random)))]);
    case 8: {
      const end = at + 1 + random.below(lengthFor(random));
      return concat([bytes.subarray(0, end), bytes.subarray(at)]);
    }
    case 9:
      return concat([bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at)]);
    case 10:
      return bytes.slice(0, at);
    default: {
      const from = random.below(donor.length);
      const piece = donor.subarray(from, from + 1 + random.below(lengthFor(random)));
      return random.chance(0.5)
        ? replaced(bytes, at, piece)
        : concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
  }
}

/** Half of the time near the beginning, where headers, lengths and levels lie. */
function position(random: Random, length: number): number {
  return random.below(random.chance(0.5) ? Math.min(length, 24) : length);
}

function lengthFor(random: Random): number {
  return random.pick([1, 4, 16, 256]);
}

function wordOf(random: Random): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, random.pick(EDGE_WORDS), true);
  return bytes;
}

/** The bytes with others over them from `at` on, cut where they would become longer. */
function replaced(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(piece.subarray(0, bytes.length - at), at);
  return copy;
}
