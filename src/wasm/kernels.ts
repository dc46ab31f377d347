/**
 * The functions of `assembly/`, by the names they are exported under. Every parameter and result is a number: an address, a
 * length in bytes, a count of values, a bit width, or an outcome (`OUTCOME`, negative on failure). Regions follow the two promises
 * of `assembly/memory.ts`; `Arena` keeps them.
 */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  resultAddress(): number;
  arenaStart(): number;

  /** Raw Snappy; exactly `dstLen` bytes. */
  snappy(src: number, srcLen: number, dst: number, dstLen: number): number;
  /** One raw LZ4 block; exactly `dstLen` bytes. */
  lz4Block(src: number, srcLen: number, dst: number, dstLen: number): number;

  /** Values among the first `count` of an RLE/bit-packed hybrid that equal `highest`; none may be above. */
  countInHybrid(ptr: number, len: number, bitWidth: number, count: number, highest: number): number;
  countInBitPacked(ptr: number, len: number, bitWidth: number, count: number, highest: number): number;
  countOnes(ptr: number, count: number): number;

  /** Results: min and max, 8 bytes each; integers as i64, floats as f64. */
  boundsI32(ptr: number, count: number): void;
  boundsI64(ptr: number, count: number): void;
  boundsF32(ptr: number, count: number): void;
  boundsF64(ptr: number, count: number): void;
  /** Results: address and length of the minimum, then of the maximum, as u32. PLAIN byte arrays of valid UTF-8. */
  boundsText(ptr: number, len: number, count: number): number;
  /** As `boundsText`; `width` 0 for PLAIN byte arrays. */
  boundsDecimal(ptr: number, len: number, count: number, width: number): number;

  /** 1 if all PLAIN byte arrays are valid UTF-8, 0 if not. */
  allUtf8(ptr: number, len: number, count: number): number;
  isAscii(ptr: number, len: number): number;
  isUtf8(ptr: number, len: number): number;
  /** Rewrites byte arrays as PLAIN byte arrays of repaired text; the bytes written. */
  repairAll(ptr: number, len: number, count: number, width: number, to: number, capacity: number): number;
  repairUtf8(ptr: number, len: number, to: number): number;
  compareText(a: number, aLen: number, b: number, bLen: number): number;
  compareDecimal(a: number, aLen: number, b: number, bLen: number): number;

  deltaCount(ptr: number, len: number): number;
  /** The first `count` values at `dst`; where it stopped, behind the stream's last value if `toEnd`. */
  deltaDecode(ptr: number, len: number, count: number, dst: number, wide: number, toEnd: number): number;
  sumLengths(lengths: number, count: number): bigint;
  joinLengths(lengths: number, count: number, ptr: number, len: number, dst: number): number;
  joinPrefixes(
    prefixes: number,
    suffixes: number,
    count: number,
    ptr: number,
    len: number,
    dst: number,
    capacity: number,
    width: number,
  ): number;
  joinStreams(ptr: number, count: number, stride: number, width: number, dst: number): void;

  keysI32(values: number, count: number, keys: number): void;
  keysI64(values: number, count: number, keys: number): void;
  keysF32(values: number, count: number, keys: number): void;
  keysF64(values: number, count: number, keys: number): void;
  locate(ptr: number, len: number, count: number, addresses: number): number;
  keysText(addresses: number, count: number, keys: number): void;
  keysDecimal(addresses: number, count: number, width: number, keys: number): void;
  markIndices(
    ptr: number,
    len: number,
    bitWidth: number,
    count: number,
    marks: number,
    capacityBits: number,
    dictionaryCount: number,
    mark: number,
  ): number;
  unpackIndices(ptr: number, len: number, bitWidth: number, count: number, dst: number): number;
  /** Results: index of the minimum and of the maximum, as u32. `order`: see `KEY_ORDER`. */
  foldMarks(
    marks: number,
    count: number,
    capacityBits: number,
    mark: number,
    keys: number,
    addresses: number,
    order: number,
    width: number,
  ): number;
  foldIndices(
    indices: number,
    n: number,
    marks: number,
    count: number,
    mark: number,
    keys: number,
    addresses: number,
    order: number,
    width: number,
  ): number;
  checkMarks(marks: number, count: number, capacityBits: number, mark: number): number;
  ageMarks(marks: number, capacityBits: number): void;
  gatherMarked(values: number, width: number, marks: number, count: number, dst: number): number;

  /** Where theta stands, as i64: entries at or above it are dropped. */
  thetaAddress(): number;
  /** Where the entries stand that `drain` is told of, 8 bytes each. */
  entriesAddress(): number;
  resetEntries(): void;
  flushEntries(): void;
  hashI32(ptr: number, count: number): void;
  hashI64(ptr: number, count: number): void;
  hashF32(ptr: number, count: number): void;
  hashF64(ptr: number, count: number): void;
  hashDigits32(ptr: number, count: number): void;
  hashDigits64(ptr: number, count: number): void;
  hashFixed(ptr: number, count: number, width: number): void;
  hashText(ptr: number, len: number, count: number): number;
  hashMarkedText(addresses: number, marks: number, count: number): void;
  hashOne(value: bigint): void;
  hashBytes(ptr: number, len: number): bigint;
}

/** Bytes behind every region that a kernel may read and overwrite: `SLACK` of `assembly/memory.ts`. */
export const SLACK_BYTES = 128;

/** What kernels return when they fail. */
export const OUTCOME = {
  ok: 0,
  truncated: -1,
  malformed: -2,
  sizeMismatch: -3,
  badIndex: -4,
  emptyDecimal: -5,
  levelTooHigh: -6,
} as const;

/** What decides between dictionary entries with equal keys. */
export const KEY_ORDER = { exact: 0, text: 1, decimal: 2 } as const;
