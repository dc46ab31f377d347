import { concat } from "../../support/parquet-encodings.ts";

/**
 * A smaller input that still fails alike: stretches are cut out, then set to zero, from halves down to single bytes, until
 * nothing more goes or `tries` are used up.
 */
export async function minimise(
  input: Uint8Array,
  failsAlike: (input: Uint8Array) => Promise<boolean>,
  tries = 3000,
): Promise<Uint8Array> {
  let best = input;
  let left = tries;
  for (const change of [cut, blank]) {
    for (let length = best.length >> 1; length >= 1; length >>= 1) {
      for (let at = 0; at < best.length && left > 0; ) {
        const smaller = change(best, at, length);
        if (smaller !== undefined) left--;
        if (smaller !== undefined && (await failsAlike(smaller))) best = smaller;
        else at += length;
      }
    }
  }
  return best;
}

function cut(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
}

/** Undefined if the stretch is zero already. */
function blank(bytes: Uint8Array, at: number, length: number): Uint8Array | undefined {
  if (bytes.subarray(at, at + length).every((byte) => byte === 0)) return undefined;
  return bytes.slice().fill(0, at, at + length);
}
