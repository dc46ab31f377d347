import { isUtf8 } from "node:buffer";
import { decodeUtf8Java } from "../types/index.ts";
import { hashBytes, hashLong, hashOutput } from "./murmur3.ts";
import { sortEntries } from "./sort-entries.ts";
import { DEFAULT_NOMINAL_ENTRIES, EMPTY_THETA, pairToBigint, type ThetaSketch } from "./theta-sketch.ts";

/**
 * Where a decoder puts the items of one column (07 §6.3, §6.4). Adding an item twice changes nothing, so a dictionary entry
 * may be added once for all its rows. A kernel that hashes by itself drops what isn't below theta and adds the rest as entries.
 */
export interface HashSink {
  /** Words of theta: an entry that isn't below it changes nothing. It only ever falls, and only within an `add…` call. */
  readonly thetaLow: number;
  readonly thetaHigh: number;
  /** A 64-bit integer item: integers sign-extended, booleans as 0 or 1, floats by bit pattern (see `items.ts`). */
  addLong(low: number, high: number): void;
  /** The bytes of a text item, `[start, end)`; empty ones are not counted, malformed UTF-8 is replaced first. */
  addBytes(bytes: Uint8Array, start: number, end: number): void;
  /** An entry: the first half of the hash shifted right by one (07 §6.4). */
  addEntry(low: number, high: number): void;
}

/** Seed of every sketch of the peer (07 §6.4). */
export const UPDATE_SEED = 9001;

const MIN_NOMINAL_ENTRIES = 16;
const MAX_NOMINAL_ENTRIES = 2 ** 26;
const FIRST_TABLE_SLOTS = 64;

/**
 * Builds the sketch of the items it is given, in memory bounded by `k`: an open-addressed set of entries below theta, cut back
 * to the k smallest when it holds 15/8 k (07 §6.5). Neither the order of items nor repetition shows in the result.
 */
export class ThetaBuilder implements HashSink {
  thetaLow = 0xffffffff;
  thetaHigh = 0x7fffffff;
  readonly #k: number;
  readonly #hash = hashOutput();
  /** Two words a slot, both zero in a free one; no entry is zero. */
  #table = new Uint32Array(2 * FIRST_TABLE_SLOTS);
  #count = 0;
  #limit: number;

  constructor(k: number = DEFAULT_NOMINAL_ENTRIES) {
    if (!(k >= MIN_NOMINAL_ENTRIES && k <= MAX_NOMINAL_ENTRIES && Number.isInteger(Math.log2(k)))) {
      throw new RangeError(`nominal entries of a sketch must be a power of two from 16 to 2^26, got ${k}`);
    }
    this.#k = k;
    this.#limit = Math.min(FIRST_TABLE_SLOTS / 2, fullLimit(k));
  }

  addLong(low: number, high: number): void {
    hashLong(low, high, UPDATE_SEED, this.#hash);
    this.#addHash();
  }

  addBytes(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    if (isAscii(bytes, start, end) || isUtf8(bytes.subarray(start, end))) {
      hashBytes(bytes, start, end, UPDATE_SEED, this.#hash);
    } else {
      const utf8 = Buffer.from(decodeUtf8Java(bytes, start, end), "utf8");
      hashBytes(utf8, 0, utf8.length, UPDATE_SEED, this.#hash);
    }
    this.#addHash();
  }

  #addHash(): void {
    const low = this.#hash[0] ?? 0;
    const high = this.#hash[1] ?? 0;
    this.addEntry((low >>> 1) | (high << 31), high >>> 1);
  }

  addEntry(low: number, high: number): void {
    const entryLow = low >>> 0;
    const entryHigh = high >>> 0;
    if (entryHigh > this.thetaHigh || (entryHigh === this.thetaHigh && entryLow >= this.thetaLow)) return;
    if (entryLow === 0 && entryHigh === 0) return;
    if (!insert(this.#table, entryLow, entryHigh)) return;
    this.#count++;
    if (this.#count > this.#limit) this.#makeRoom();
  }

  /** The sketch of what has been added so far. The builder stays usable. */
  result(): ThetaSketch {
    if (this.#count === 0) return EMPTY_THETA;
    const sorted = this.#sortedEntries();
    const kept = 2 * this.#k;
    if (sorted.length <= kept) {
      return { theta: pairToBigint(this.thetaLow, this.thetaHigh), entries: sorted, empty: false };
    }
    return {
      theta: pairToBigint(sorted[kept] ?? 0, sorted[kept + 1] ?? 0),
      entries: sorted.slice(0, kept),
      empty: false,
    };
  }

  #makeRoom(): void {
    if (this.#limit < fullLimit(this.#k)) {
      const grown = new Uint32Array(Math.min(this.#table.length * 4, 8 * this.#k));
      forEachEntry(this.#table, (low, high) => insert(grown, low, high));
      this.#table = grown;
      this.#limit = Math.min(grown.length >>> 2, fullLimit(this.#k));
      return;
    }
    const sorted = this.#sortedEntries();
    const kept = 2 * this.#k;
    this.thetaLow = sorted[kept] ?? 0;
    this.thetaHigh = sorted[kept + 1] ?? 0;
    this.#table.fill(0);
    for (let i = 0; i < kept; i += 2) insert(this.#table, sorted[i] ?? 0, sorted[i + 1] ?? 0);
    this.#count = this.#k;
  }

  #sortedEntries(): Uint32Array {
    const entries = new Uint32Array(2 * this.#count);
    const table = this.#table;
    let at = 0;
    for (let slot = 0; slot < table.length; slot += 2) {
      const low = table[slot] ?? 0;
      const high = table[slot + 1] ?? 0;
      if (low === 0 && high === 0) continue;
      entries[at++] = low;
      entries[at++] = high;
    }
    sortEntries(entries);
    return entries;
  }
}

/** Entries held before they are cut back: 15/8 k, of 4 k slots. */
function fullLimit(k: number): number {
  return k + (k >>> 3) * 7;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if ((bytes[at] ?? 0) >= 0x80) return false;
  }
  return true;
}

/** Puts an entry into the table; false if it is there already. The table is never full. */
function insert(table: Uint32Array, low: number, high: number): boolean {
  const mask = table.length - 1;
  for (let slot = (low << 1) & mask; ; slot = (slot + 2) & mask) {
    const slotLow = table[slot] ?? 0;
    const slotHigh = table[slot + 1] ?? 0;
    if (slotLow === low && slotHigh === high) return false;
    if (slotLow === 0 && slotHigh === 0) {
      table[slot] = low;
      table[slot + 1] = high;
      return true;
    }
  }
}

function forEachEntry(table: Uint32Array, visit: (low: number, high: number) => void): void {
  for (let slot = 0; slot < table.length; slot += 2) {
    const low = table[slot] ?? 0;
    const high = table[slot + 1] ?? 0;
    if (low !== 0 || high !== 0) visit(low, high);
  }
}
