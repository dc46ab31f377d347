/**
 * Entries of a compressed sketch: each is the one before it plus a number of `width` bits, the most significant bit of the
 * stream first. The caller has checked that the bits are there.
 */
export function unpackDeltas(view: DataView, start: number, count: number, width: number): Uint32Array {
  const entries = new Uint32Array(2 * count);
  let entry = 0n;
  for (let i = 0; i < count; i++) {
    entry += readBits(view, start, i * width, width);
    entries[2 * i] = Number(entry & 0xffffffffn);
    entries[2 * i + 1] = Number((entry >> 32n) & 0xffffffffn);
  }
  return entries;
}

function readBits(view: DataView, start: number, firstBit: number, width: number): bigint {
  const firstByte = Math.floor(firstBit / 8);
  const lastByte = Math.floor((firstBit + width - 1) / 8);
  let value = 0n;
  for (let at = firstByte; at <= lastByte; at++) value = (value << 8n) | BigInt(view.getUint8(start + at));
  const unread = 8 * (lastByte + 1) - (firstBit + width);
  return BigInt.asUintN(width, value >> BigInt(unread));
}
