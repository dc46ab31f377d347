import { FAMILY_COMPACT, FLAG, SEED_HASH } from "./serialise.ts";
import { sortEntries } from "./sort-entries.ts";
import { EMPTY_THETA, MAX_THETA, type ThetaSketch } from "./theta-sketch.ts";
import { unpackDeltas } from "./unpack-deltas.ts";

/**
 * Reads compact theta sketches: the forms of 07 §6.6 with the latitude it names, and the older serial versions 1 and 2 and the
 * compressed version 4, which only other programs write (07 §6.8). Bytes come from files and peers: every count is checked
 * against the length before anything is allocated, every entry against theta.
 */
export function parseTheta(data: Uint8Array): ThetaSketch {
  if (data.length < 8) throw new ThetaFormatError(`${data.length} bytes are too few for a theta sketch`);
  const image = readPreamble(data);
  switch (image.serialVersion) {
    case 1:
      return image.preambleLongs === 3 ? parseVersion2(image) : refusePreamble(image);
    case 2:
      return parseVersion2(image);
    case 3:
      return parseVersion3(image);
    case 4:
      return parseVersion4(image);
    default:
      throw new ThetaFormatError(`serial version ${image.serialVersion} of a theta sketch is unknown`);
  }
}

/** The bytes are no theta sketch that can be merged with ours. */
export class ThetaFormatError extends Error {
  override readonly name = "ThetaFormatError";
}

interface Image {
  readonly view: DataView;
  readonly preambleLongs: number;
  readonly serialVersion: number;
  readonly family: number;
  readonly flags: number;
  readonly seedHash: number;
}

function readPreamble(data: Uint8Array): Image {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const image = {
    view,
    // The upper two bits hold the resize factor of sketches under construction.
    preambleLongs: view.getUint8(0) & 0x3f,
    serialVersion: view.getUint8(1),
    family: view.getUint8(2),
    flags: view.getUint8(5),
    seedHash: view.getUint16(6, true),
  };
  if (image.preambleLongs < 1 || image.preambleLongs > 3) refusePreamble(image);
  // Versions 1 and 2 had other family numbers for the same layout.
  const family =
    image.serialVersion < 3 ? image.family >= 1 && image.family <= 3 : image.family === FAMILY_COMPACT;
  if (!family) throw new ThetaFormatError(`family ${image.family} is not a compact theta sketch`);
  return image;
}

function refusePreamble(image: Image): never {
  throw new ThetaFormatError(
    `a theta sketch of serial version ${image.serialVersion} can't have ${image.preambleLongs} preamble longs`,
  );
}

/** Versions 1 and 2: no flags; always ordered. Version 1 always has three preamble longs and no seed hash. */
function parseVersion2(image: Image): ThetaSketch {
  const { preambleLongs } = image;
  if (preambleLongs === 1) return EMPTY_THETA;
  const count = readCount(image);
  const theta = preambleLongs === 3 ? readTheta(image) : MAX_THETA;
  if (count === 0 && theta === MAX_THETA) return EMPTY_THETA;
  if (image.serialVersion === 2) checkSeedHash(image);
  return sketchOf(readEntries(image, preambleLongs * 8, count), theta, true);
}

function parseVersion3(image: Image): ThetaSketch {
  const { view, preambleLongs, flags } = image;
  if ((flags & FLAG.bigEndian) !== 0) throw new ThetaFormatError("a big-endian theta sketch can't be read");
  if (preambleLongs === 1) {
    const single = (flags & FLAG.singleItem) !== 0 || (flags & 0x1f) === 0x1a;
    if ((flags & FLAG.empty) !== 0 || view.byteLength === 8) return EMPTY_THETA;
    if (!single)
      throw new ThetaFormatError(`flags ${flags} of a theta sketch without count are not understood`);
    checkSeedHash(image);
    return sketchOf(readEntries(image, 8, 1), MAX_THETA, true);
  }
  const count = readCount(image);
  const theta = preambleLongs === 3 ? readTheta(image) : MAX_THETA;
  if ((flags & FLAG.empty) !== 0 || (count === 0 && theta === MAX_THETA)) {
    if (count !== 0) throw new ThetaFormatError(`a theta sketch marked empty has ${count} entries`);
    return EMPTY_THETA;
  }
  checkSeedHash(image);
  return sketchOf(readEntries(image, preambleLongs * 8, count), theta, (flags & FLAG.ordered) !== 0);
}

/** Version 4: entries as bit-packed differences; byte 3 is their width in bits, byte 4 the size of the count in bytes. */
function parseVersion4(image: Image): ThetaSketch {
  const { view, preambleLongs } = image;
  checkSeedHash(image);
  if (preambleLongs > 2) refusePreamble(image);
  const theta = preambleLongs === 2 ? readThetaAt(image, 8) : MAX_THETA;
  const entryBits = view.getUint8(3);
  const countBytes = view.getUint8(4);
  const countStart = preambleLongs * 8;
  if (entryBits < 1 || entryBits > 63 || countBytes > 4 || countStart + countBytes > view.byteLength) {
    throw new ThetaFormatError(
      `compressed theta sketch with ${entryBits} bits an entry and ${countBytes} count bytes`,
    );
  }
  let count = 0;
  for (let i = countBytes - 1; i >= 0; i--) count = count * 256 + view.getUint8(countStart + i);
  if (count === 0 && theta === MAX_THETA) return EMPTY_THETA;
  const start = countStart + countBytes;
  checkLength(image, start + Math.ceil((count * entryBits) / 8), count);
  return sketchOf(unpackDeltas(view, start, count, entryBits), theta, true);
}

function readCount(image: Image): number {
  checkLength(image, 16, 0);
  return image.view.getInt32(8, true);
}

function readTheta(image: Image): bigint {
  return readThetaAt(image, 16);
}

function readThetaAt(image: Image, at: number): bigint {
  checkLength(image, at + 8, 0);
  const theta = image.view.getBigInt64(at, true);
  if (theta <= 0n) throw new ThetaFormatError(`theta of a sketch must be positive, got ${theta}`);
  return theta;
}

function checkLength(image: Image, needed: number, count: number): void {
  if (count < 0 || needed > image.view.byteLength) {
    throw new ThetaFormatError(
      `theta sketch of ${count} entries needs ${needed} bytes, got ${image.view.byteLength}`,
    );
  }
}

function checkSeedHash(image: Image): void {
  if (image.seedHash === SEED_HASH) return;
  throw new ThetaFormatError(
    `Incompatible Seed Hashes. ${SEED_HASH.toString(16)}, ${image.seedHash.toString(16)}`,
  );
}

function readEntries(image: Image, start: number, count: number): Uint32Array {
  checkLength(image, start + 8 * count, count);
  const entries = new Uint32Array(2 * count);
  for (let i = 0; i < entries.length; i++) entries[i] = image.view.getUint32(start + 4 * i, true);
  return entries;
}

function sketchOf(entries: Uint32Array, theta: bigint, ordered: boolean): ThetaSketch {
  if (!ordered) sortEntries(entries);
  // In words, not in BigInt: every sketch of every file goes through here.
  const thetaHigh = Number(theta >> 32n);
  const thetaLow = Number(theta & 0xffffffffn);
  let lastHigh = 0;
  let lastLow = 0;
  for (let i = 0; i < entries.length; i += 2) {
    const low = entries[i] ?? 0;
    const high = entries[i + 1] ?? 0;
    const rises = high > lastHigh || (high === lastHigh && low > lastLow);
    const belowTheta = high < thetaHigh || (high === thetaHigh && low < thetaLow);
    if (!rises || !belowTheta) {
      throw new ThetaFormatError(
        `entry ${i / 2} of a theta sketch is repeated, out of order or not below theta`,
      );
    }
    lastHigh = high;
    lastLow = low;
  }
  return { theta, entries, empty: false };
}
