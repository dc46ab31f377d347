// The fixed areas of memory, and what every kernel may rely on.
//
// Memory is laid out by the caller: everything from `arenaStart()` on is its arena, in which it places a page's input,
// output, dictionary and scratch regions. Two promises hold for every region: its (address, length) lies inside memory,
// and SLACK bytes beyond its end may be read and overwritten with garbage. Kernels check every length that comes from a
// file against the logical end of its region; wild 8- and 16-byte accesses past that end stay inside the slack.

/** Bytes past the end of each region that a kernel may touch. */
export const SLACK: u32 = 128;

// Outcomes of kernels; the TypeScript side turns them into messages.
export const OK: i32 = 0;
/** The input ends before the values it promises. */
export const TRUNCATED: i32 = -1;
/** A length, count or width in the data makes no sense. */
export const MALFORMED: i32 = -2;
/** The output would not have the size that was promised. */
export const SIZE_MISMATCH: i32 = -3;
/** A dictionary index is beyond the dictionary. */
export const BAD_INDEX: i32 = -4;
/** An empty byte array where a number is stored. */
export const EMPTY_DECIMAL: i32 = -5;

/** A level above the column's maximum. */
export const LEVEL_TOO_HIGH: i32 = -6;

/** Where kernels leave what does not fit a return value: 64 bytes. */
export const RESULT: usize = memory.data(64, 16);

export function resultAddress(): usize {
  return RESULT;
}

export function arenaStart(): usize {
  return (__heap_base + 15) & ~15;
}
