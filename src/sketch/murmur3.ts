/**
 * MurmurHash3 x64 128-bit (07 §6.4) in 32-bit halves: 64-bit products are built from `Math.imul` and 16-bit partial products,
 * so that no BigInt is made in the hot loop. Both halves of the state start at the seed, which is below 2^31 here.
 */

/** Receives a hash as four 32-bit words, the low word of the first half first. */
export type HashOutput = Int32Array;

export function hashOutput(): HashOutput {
  return new Int32Array(4);
}

// The constants of the algorithm, high and low words.
const C1_HIGH = 0x87c37b91;
const C1_LOW = 0x114253d5;
const C2_HIGH = 0x4cf5ad43;
const C2_LOW = 0x2745937f;
const MIX1_HIGH = 0xff51afd7;
const MIX1_LOW = 0xed558ccd;
const MIX2_HIGH = 0xc4ceb9fe;
const MIX2_LOW = 0x1a85ec53;

/** High word of the unsigned 64-bit product of two words. */
function highProduct(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  // Neither sum can pass 2^32.
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) >>> 0;
  const cross = (Math.imul(a0, b1) + (middle & 0xffff)) >>> 0;
  return (Math.imul(a1, b1) + (middle >>> 16) + (cross >>> 16)) | 0;
}

/** High word of the 64-bit product (aHigh, aLow) × (bHigh, bLow); the low word is `Math.imul(aLow, bLow)`. */
function productHigh(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return (highProduct(aLow, bLow) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
}

/** 1 if the low words of a 64-bit sum overflowed into the high ones. */
function carry(sumLow: number, addendLow: number): number {
  return sumLow >>> 0 < addendLow >>> 0 ? 1 : 0;
}

/** Hash of the eight little-endian bytes of a 64-bit integer. */
export function hashLong(low: number, high: number, seed: number, out: HashOutput): void {
  const k1Low = Math.imul(low, C1_LOW);
  const k1High = productHigh(high, low, C1_HIGH, C1_LOW);
  const rotatedHigh = (k1High << 31) | (k1Low >>> 1);
  const rotatedLow = (k1Low << 31) | (k1High >>> 1);
  const mixedLow = Math.imul(rotatedLow, C2_LOW);
  const mixedHigh = productHigh(rotatedHigh, rotatedLow, C2_HIGH, C2_LOW);
  finish(mixedHigh, seed ^ mixedLow, 0, seed, 8, out);
}

/** Hash of `bytes[start, end)`. */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
  out: HashOutput,
): void {
  const length = end - start;
  const tail = start + (length & ~15);
  let h1High = 0;
  let h1Low = seed;
  let h2High = 0;
  let h2Low = seed;
  for (let at = start; at < tail; at += 16) {
    const k1Low = word(bytes, at, end);
    const k1High = word(bytes, at + 4, end);
    const k2Low = word(bytes, at + 8, end);
    const k2High = word(bytes, at + 12, end);

    let pLow = Math.imul(k1Low, C1_LOW);
    let pHigh = productHigh(k1High, k1Low, C1_HIGH, C1_LOW);
    let rHigh = (pHigh << 31) | (pLow >>> 1);
    let rLow = (pLow << 31) | (pHigh >>> 1);
    h1High ^= productHigh(rHigh, rLow, C2_HIGH, C2_LOW);
    h1Low ^= Math.imul(rLow, C2_LOW);
    rHigh = (h1High << 27) | (h1Low >>> 5);
    rLow = (h1Low << 27) | (h1High >>> 5);
    pLow = (rLow + h2Low) | 0;
    pHigh = (rHigh + h2High + carry(pLow, rLow)) | 0;
    h1Low = (Math.imul(pLow, 5) + 0x52dce729) | 0;
    h1High = (productHigh(pHigh, pLow, 0, 5) + carry(h1Low, 0x52dce729)) | 0;

    pLow = Math.imul(k2Low, C2_LOW);
    pHigh = productHigh(k2High, k2Low, C2_HIGH, C2_LOW);
    // Left by 33 is the words swapped and left by 1.
    rHigh = (pLow << 1) | (pHigh >>> 31);
    rLow = (pHigh << 1) | (pLow >>> 31);
    h2High ^= productHigh(rHigh, rLow, C1_HIGH, C1_LOW);
    h2Low ^= Math.imul(rLow, C1_LOW);
    rHigh = (h2High << 31) | (h2Low >>> 1);
    rLow = (h2Low << 31) | (h2High >>> 1);
    pLow = (rLow + h1Low) | 0;
    pHigh = (rHigh + h1High + carry(pLow, rLow)) | 0;
    h2Low = (Math.imul(pLow, 5) + 0x38495ab5) | 0;
    h2High = (productHigh(pHigh, pLow, 0, 5) + carry(h2Low, 0x38495ab5)) | 0;
  }
  if (tail < end) {
    const k1Low = word(bytes, tail, end);
    const k1High = word(bytes, tail + 4, end);
    const k2Low = word(bytes, tail + 8, end);
    const k2High = word(bytes, tail + 12, end);
    let pLow = Math.imul(k1Low, C1_LOW);
    let pHigh = productHigh(k1High, k1Low, C1_HIGH, C1_LOW);
    let rHigh = (pHigh << 31) | (pLow >>> 1);
    let rLow = (pLow << 31) | (pHigh >>> 1);
    h1High ^= productHigh(rHigh, rLow, C2_HIGH, C2_LOW);
    h1Low ^= Math.imul(rLow, C2_LOW);
    pLow = Math.imul(k2Low, C2_LOW);
    pHigh = productHigh(k2High, k2Low, C2_HIGH, C2_LOW);
    rHigh = (pLow << 1) | (pHigh >>> 31);
    rLow = (pHigh << 1) | (pLow >>> 31);
    h2High ^= productHigh(rHigh, rLow, C1_HIGH, C1_LOW);
    h2Low ^= Math.imul(rLow, C1_LOW);
  }
  finish(h1High, h1Low, h2High, h2Low, length, out);
}

/** Four little-endian bytes; those at `end` and beyond count as zero. */
function word(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) {
    return (
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    );
  }
  let value = 0;
  for (let i = 0; at + i < end; i++) value |= (bytes[at + i] ?? 0) << (8 * i);
  return value;
}

/** Length, cross-addition and final mixing of both halves. */
function finish(
  h1HighIn: number,
  h1LowIn: number,
  h2HighIn: number,
  h2LowIn: number,
  length: number,
  out: HashOutput,
): void {
  const a1Low = h1LowIn ^ length;
  const a2Low = h2LowIn ^ length;
  const b1Low = (a1Low + a2Low) | 0;
  const b1High = (h1HighIn + h2HighIn + carry(b1Low, a1Low)) | 0;
  const b2Low = (a2Low + b1Low) | 0;
  const b2High = (h2HighIn + b1High + carry(b2Low, a2Low)) | 0;

  // x ^= x >>> 33 touches the low word only.
  let low = b1Low ^ (b1High >>> 1);
  let high = b1High;
  high = productHigh(high, low, MIX1_HIGH, MIX1_LOW);
  low = Math.imul(low, MIX1_LOW) ^ (high >>> 1);
  high = productHigh(high, low, MIX2_HIGH, MIX2_LOW);
  low = Math.imul(low, MIX2_LOW) ^ (high >>> 1);
  const c1Low = low;
  const c1High = high;

  low = b2Low ^ (b2High >>> 1);
  high = b2High;
  high = productHigh(high, low, MIX1_HIGH, MIX1_LOW);
  low = Math.imul(low, MIX1_LOW) ^ (high >>> 1);
  high = productHigh(high, low, MIX2_HIGH, MIX2_LOW);
  low = Math.imul(low, MIX2_LOW) ^ (high >>> 1);

  const d1Low = (c1Low + low) | 0;
  const d1High = (c1High + high + carry(d1Low, low)) | 0;
  const d2Low = (low + d1Low) | 0;
  out[0] = d1Low;
  out[1] = d1High;
  out[2] = d2Low;
  out[3] = (high + d1High + carry(d2Low, low)) | 0;
}
