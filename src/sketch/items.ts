import type { HashSink } from "./theta-builder.ts";

/**
 * Values as items of a sketch (07 §6.3): every integer-like value as a 64-bit integer, floats by their bit pattern, decimals
 * held in integers as decimal text, everything else as text. Decoders that have the bits at hand call the sink directly.
 */

const bits = new DataView(new ArrayBuffer(8));

/** INT32 without DECIMAL: sign-extended. */
export function addInt32(sink: HashSink, value: number): void {
  sink.addLong(value | 0, value >> 31);
}

/** INT64 without DECIMAL; also any other value that fits int64. */
export function addInt64(sink: HashSink, value: bigint): void {
  sink.addLong(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

export function addBoolean(sink: HashSink, value: boolean): void {
  sink.addLong(value ? 1 : 0, 0);
}

/** The 32 bits sign-extended; every NaN is the canonical one. −0.0 and 0.0 are different items. */
export function addFloat(sink: HashSink, value: number): void {
  if (Number.isNaN(value)) {
    addInt32(sink, 0x7fc00000);
    return;
  }
  bits.setFloat32(0, value);
  addInt32(sink, bits.getInt32(0));
}

/** The 64 bits; every NaN is the canonical one. −0.0 and 0.0 are different items. */
export function addDouble(sink: HashSink, value: number): void {
  if (Number.isNaN(value)) {
    sink.addLong(0, 0x7ff80000);
    return;
  }
  bits.setFloat64(0, value);
  sink.addLong(bits.getInt32(4), bits.getInt32(0));
}

/** INT32 or INT64 annotated DECIMAL: the unscaled integer as decimal text. */
export function addUnscaledDecimal(sink: HashSink, unscaled: bigint | number): void {
  addText(sink, unscaled.toString());
}

/** Text as UTF-8; empty text is not counted. */
export function addText(sink: HashSink, text: string): void {
  const utf8 = Buffer.from(text, "utf8");
  sink.addBytes(utf8, 0, utf8.length);
}
