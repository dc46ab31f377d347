import { createByteBuffer, putLengthPrefixedText, writtenBytes } from "./byte-buffer.ts";

/** The distinct values of a column in order of first appearance, and for every value the number of its entry. */
export interface Dictionary {
  readonly ids: Int32Array;
  readonly entryCount: number;
  /** Entries in PLAIN encoding: the body of the dictionary page. */
  readonly entries: Uint8Array;
  /** Size of all values of the column, had they been written out in PLAIN encoding. */
  readonly plainSize: number;
}

/** A dictionary page is held to the size of any other page (06 §4.4). */
const MAX_DICTIONARY_BYTES = 1 << 20;
/** Ids stay within two bytes. */
const MAX_ENTRIES = 1 << 16;
/** A column that repeats little in its first values is given up before the rest is looked at. */
const SAMPLE_SIZE = 4096;
const MAX_ENTRIES_OF_SAMPLE = 3072;

/** A dictionary of values of `wordsPerValue` words each, told apart by their bits; undefined if it wouldn't pay. */
export function dictionaryOfWords(words: Int32Array, wordsPerValue: number): Dictionary | undefined {
  const valueCount = words.length / wordsPerValue;
  const slots = new Int32Array(slotCountFor(valueCount)).fill(-1);
  const mask = slots.length - 1;
  const firstOfEntry: number[] = [];
  const ids = new Int32Array(valueCount);
  for (let i = 0; i < valueCount; i++) {
    let slot = hashWords(words, i * wordsPerValue, wordsPerValue) & mask;
    let entry = slots[slot] ?? -1;
    while (entry !== -1 && !sameWords(words, firstOfEntry[entry] ?? 0, i, wordsPerValue)) {
      slot = (slot + 1) & mask;
      entry = slots[slot] ?? -1;
    }
    if (entry === -1) {
      entry = firstOfEntry.length;
      if (tooManyEntries(entry + 1, i, valueCount)) return undefined;
      firstOfEntry.push(i);
      slots[slot] = entry;
    }
    ids[i] = entry;
  }
  const entries = new Int32Array(firstOfEntry.length * wordsPerValue);
  firstOfEntry.forEach((first, entry) => {
    entries.set(words.subarray(first * wordsPerValue, (first + 1) * wordsPerValue), entry * wordsPerValue);
  });
  return withinPage(ids, firstOfEntry.length, new Uint8Array(entries.buffer), words.byteLength);
}

/** A dictionary of strings; undefined if it wouldn't pay. */
export function dictionaryOfTexts(values: readonly string[]): Dictionary | undefined {
  const entryOf = new Map<string, number>();
  const entries = createByteBuffer(1024);
  const sizes: number[] = [];
  const ids = new Int32Array(values.length);
  let plainSize = 0;
  let previous: string | undefined;
  let entry = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? "";
    if (value !== previous) {
      const known = entryOf.get(value);
      entry = known ?? sizes.length;
      if (known === undefined) {
        if (tooManyEntries(entry + 1, i, values.length)) return undefined;
        const before = entries.length;
        putLengthPrefixedText(entries, value);
        if (entries.length > MAX_DICTIONARY_BYTES) return undefined;
        sizes.push(entries.length - before);
        entryOf.set(value, entry);
      }
      previous = value;
    }
    ids[i] = entry;
    plainSize += sizes[entry] ?? 0;
  }
  return withinPage(ids, sizes.length, writtenBytes(entries), plainSize);
}

function withinPage(
  ids: Int32Array,
  entryCount: number,
  entries: Uint8Array,
  plainSize: number,
): Dictionary | undefined {
  return entries.length > MAX_DICTIONARY_BYTES ? undefined : { ids, entryCount, entries, plainSize };
}

function tooManyEntries(entryCount: number, at: number, valueCount: number): boolean {
  if (entryCount > MAX_ENTRIES || entryCount * 2 > valueCount + 1) return true;
  return at < SAMPLE_SIZE && entryCount > MAX_ENTRIES_OF_SAMPLE;
}

/** A power of two, at least twice the number of entries that are let in. */
function slotCountFor(valueCount: number): number {
  const maxEntries = Math.min(MAX_ENTRIES, valueCount);
  return 1 << (33 - Math.clz32(maxEntries));
}

function hashWords(words: Int32Array, from: number, count: number): number {
  let hash = 0;
  for (let i = from; i < from + count; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function sameWords(words: Int32Array, a: number, b: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    if (words[a * count + i] !== words[b * count + i]) return false;
  }
  return true;
}
