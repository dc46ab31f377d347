import { hashLong, hashOutput } from "./murmur3.ts";
import { UPDATE_SEED } from "./theta-builder.ts";
import { entryCount, MAX_THETA, type ThetaSketch } from "./theta-sketch.ts";

/**
 * Compact ordered form, serial version 3, little-endian (07 §6.6): the only form that capture writes. Which of the four
 * layouts is used follows from count and theta alone.
 */

export const SERIAL_VERSION = 3;
export const FAMILY_COMPACT = 3;

/** Flag bits of byte 5. */
export const FLAG = { bigEndian: 1, readOnly: 2, empty: 4, compact: 8, ordered: 16, singleItem: 32 } as const;

/** Identifies the update seed in every sketch that isn't empty: low 16 bits of the hash of the seed, 0x93CC. */
export const SEED_HASH = seedHash(UPDATE_SEED);

function seedHash(seed: number): number {
  const out = hashOutput();
  hashLong(seed, 0, 0, out);
  return (out[0] ?? 0) & 0xffff;
}

export function serialiseTheta(sketch: ThetaSketch): Uint8Array {
  const count = entryCount(sketch);
  const flags = FLAG.readOnly | FLAG.compact | FLAG.ordered;
  if (sketch.empty) return header(1, 8, flags | FLAG.empty, 0);
  if (sketch.theta === MAX_THETA && count === 1) {
    return withEntries(header(1, 16, flags | FLAG.singleItem, SEED_HASH), 8, sketch.entries);
  }
  const estimating = sketch.theta < MAX_THETA;
  const start = estimating ? 24 : 16;
  const bytes = header(start / 8, start + 8 * count, flags, SEED_HASH);
  const view = new DataView(bytes.buffer);
  view.setInt32(8, count, true);
  // Sampling probability, always 1.
  view.setFloat32(12, 1, true);
  if (estimating) view.setBigUint64(16, sketch.theta, true);
  return withEntries(bytes, start, sketch.entries);
}

function header(preambleLongs: number, size: number, flags: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([preambleLongs, SERIAL_VERSION, FAMILY_COMPACT, 0, 0, flags, seed & 0xff, seed >>> 8]);
  return bytes;
}

function withEntries(bytes: Uint8Array, start: number, entries: Uint32Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < entries.length; i++) view.setUint32(start + 4 * i, entries[i] ?? 0, true);
  return bytes;
}
