/**
 * Sorts entries, pairs of words with the low word first, as 64-bit numbers, in place; the array must own its buffer from offset 0.
 * Entries are hashes, so they are spread evenly: each is put where its size says it belongs, and neighbours are set right by
 * insertion. A sketch is cut back and read out often enough for this to matter, and a general sort takes several times as long.
 */
export function sortEntries(pairs: Uint32Array): void {
  const count = pairs.length >>> 1;
  if (count >= WORTH_SPREADING && spread(pairs, count)) insertionSort(pairs, count);
  else sortInGeneral(pairs);
}

const WORTH_SPREADING = 32;
/** More entries in one place than this, and they aren't hashes: then insertion would be slow. */
const CROWD = 24;

/** Puts each entry into its bucket of about one; false, and nothing is changed, if a bucket is crowded. */
function spread(pairs: Uint32Array, count: number): boolean {
  let largest = 0;
  for (let at = 1; at < pairs.length; at += 2) largest = Math.max(largest, pairs[at] ?? 0);
  const scale = count / (largest + 1);
  const starts = new Uint32Array(count + 2);
  for (let at = 1; at < pairs.length; at += 2) {
    const bucket = Math.floor((pairs[at] ?? 0) * scale) + 1;
    const size = (starts[bucket] ?? 0) + 1;
    if (size > CROWD) return false;
    starts[bucket] = size;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  const placed = new Uint32Array(pairs.length);
  for (let at = 0; at < pairs.length; at += 2) {
    const high = pairs[at + 1] ?? 0;
    const bucket = Math.floor(high * scale);
    const place = starts[bucket] ?? 0;
    starts[bucket] = place + 1;
    placed[2 * place] = pairs[at] ?? 0;
    placed[2 * place + 1] = high;
  }
  pairs.set(placed);
  return true;
}

function insertionSort(pairs: Uint32Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const low = pairs[2 * i] ?? 0;
    const high = pairs[2 * i + 1] ?? 0;
    let at = 2 * i;
    for (; at > 0; at -= 2) {
      const otherHigh = pairs[at - 1] ?? 0;
      const otherLow = pairs[at - 2] ?? 0;
      if (otherHigh < high || (otherHigh === high && otherLow <= low)) break;
      pairs[at] = otherLow;
      pairs[at + 1] = otherHigh;
    }
    pairs[at] = low;
    pairs[at + 1] = high;
  }
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function sortInGeneral(pairs: Uint32Array): void {
  if (LITTLE_ENDIAN) {
    new BigUint64Array(pairs.buffer, pairs.byteOffset, pairs.length >>> 1).sort();
    return;
  }
  const values = BigUint64Array.from(
    { length: pairs.length >>> 1 },
    (_, i) => (BigInt(pairs[2 * i + 1] ?? 0) << 32n) | BigInt(pairs[2 * i] ?? 0),
  ).sort();
  values.forEach((value, i) => {
    pairs[2 * i] = Number(value & 0xffffffffn);
    pairs[2 * i + 1] = Number(value >> 32n);
  });
}
