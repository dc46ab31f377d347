/** `width` (0 to 32) bits from bit `bit` on, least significant first. Reads 8 bytes at the first one's byte. */
// @ts-ignore: decorator
@inline
export function readBits(ptr: usize, bit: u64, width: u32): u32 {
  return <u32>((load<u64>(ptr + <usize>(bit >> 3)) >> (bit & 7)) & (((<u64>1) << width) - 1));
}
