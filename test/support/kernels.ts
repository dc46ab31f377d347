import { Arena, instantiateKernels, type Kernels, SLACK_BYTES } from "../../src/wasm/index.ts";

/** Kernels on a memory of their own, with what tests need around it. */
export function testKernels(limitBytes = 64 << 20) {
  const drained: bigint[] = [];
  const kernels: Kernels = instantiateKernels((count) => {
    const at = kernels.entriesAddress();
    for (let i = 0; i < count; i++) drained.push(arena.view.getBigUint64(at + 8 * i, true));
  });
  const arena = new Arena(kernels, limitBytes);
  return {
    kernels,
    arena,
    drained,
    result: () => kernels.resultAddress(),
    /** A region that is followed by a guard behind its slack: `guard()` tells whether a kernel wrote over it. */
    guarded(length: number) {
      const address = arena.reserve(length);
      const guardAt = arena.reserve(64);
      arena.bytes.fill(0xa5, guardAt, guardAt + 64);
      return {
        address,
        intact: () => arena.bytes.subarray(guardAt, guardAt + 64).every((b) => b === 0xa5),
        contents: () => arena.bytes.slice(address, address + length),
      };
    },
    /** Starts every run from the same place, with garbage in it. */
    fresh<T>(run: () => T): T {
      const mark = arena.top;
      const reserved = Math.min(arena.size, mark + 4 * SLACK_BYTES);
      arena.bytes.fill(0x77, mark, reserved);
      try {
        return run();
      } finally {
        arena.release(mark);
      }
    },
  };
}

/** Byte arrays as PLAIN lays them out. */
export function plainByteArrays(values: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(values.reduce((sum, v) => sum + 4 + v.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const value of values) {
    view.setUint32(at, value.length, true);
    out.set(value, at + 4);
    at += 4 + value.length;
  }
  return out;
}

/** An RLE/bit-packed hybrid of the values: runs of 8 or more equal ones as runs, the rest in groups of 8. */
export function hybrid(values: readonly number[], bitWidth: number, runs = true): Uint8Array {
  const out: number[] = [];
  const varint = (n: number) => {
    let rest = n;
    while (rest > 127) {
      out.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    out.push(rest);
  };
  let i = 0;
  while (i < values.length) {
    let run = 1;
    while (runs && i + run < values.length && values[i + run] === values[i]) run++;
    if (run >= 8) {
      varint(run * 2);
      for (let b = 0; b < bitWidth; b += 8) out.push(Math.floor((values[i] ?? 0) / 2 ** b) & 255);
      i += run;
      continue;
    }
    // groups of 8 up to the next long run
    const group: number[] = [];
    while (i < values.length && group.length < 8 * 60) {
      if (runs && group.length % 8 === 0 && group.length > 0 && allEqual(values, i)) break;
      group.push(values[i] ?? 0);
      i++;
    }
    while (group.length % 8 !== 0) group.push(0);
    varint((group.length / 8) * 2 + 1);
    let bits = 0n;
    for (let k = group.length - 1; k >= 0; k--) bits = (bits << BigInt(bitWidth)) | BigInt(group[k] ?? 0);
    for (let b = 0; b < (group.length / 8) * bitWidth; b++) out.push(Number((bits >> BigInt(8 * b)) & 255n));
  }
  return Uint8Array.from(out);
}

function allEqual(values: readonly number[], from: number): boolean {
  for (let k = 1; k < 8; k++)
    if (from + k >= values.length || values[from + k] !== values[from]) return false;
  return true;
}
