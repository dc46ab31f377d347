/** DELTA_BINARY_PACKED by its description: blocks of 128 values in `miniBlocks`; distances wrap at `wrap` bits. */
export function deltaBinaryPacked(
  values: readonly bigint[],
  { miniBlocks = 4, wrap = 64 }: { miniBlocks?: number; wrap?: 32 | 64 } = {},
): Uint8Array {
  const out: number[] = [];
  const varint = (n: bigint) => {
    let rest = BigInt.asUintN(64, n);
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    out.push(Number(rest));
  };
  const zigzag = (n: bigint) => varint((n << 1n) ^ (n >> 63n));
  varint(128n);
  varint(BigInt(miniBlocks));
  varint(BigInt(values.length));
  zigzag(values[0] ?? 0n);
  const deltas = values.slice(1).map((v, i) => BigInt.asIntN(wrap, v - (values[i] ?? 0n)));
  const perMini = 128 / miniBlocks;
  for (let start = 0; start < deltas.length; start += 128) {
    const block = deltas.slice(start, start + 128);
    const least = block.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
    zigzag(least);
    const minis = Array.from({ length: miniBlocks }, (_, m) =>
      block.slice(m * perMini, (m + 1) * perMini).map((d) => BigInt.asUintN(wrap, d - least)),
    );
    const widths = minis.map((mini) =>
      mini.reduce((w, d) => Math.max(w, d === 0n ? 0 : d.toString(2).length), 0),
    );
    out.push(...widths);
    minis.forEach((mini, m) => {
      if (mini.length === 0) return;
      const width = BigInt(widths[m] ?? 0);
      let bits = 0n;
      mini.forEach((d, i) => {
        bits |= d << (BigInt(i) * width);
      });
      for (let b = 0; b < (perMini * Number(width)) / 8; b++)
        out.push(Number((bits >> BigInt(8 * b)) & 255n));
    });
  }
  return Uint8Array.from(out);
}
