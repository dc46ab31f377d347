import type { Place } from "./checkpoint/index.ts";

/**
 * In which row groups of a checkpoint files are, by a hash of their paths: eight bytes a file, so that the index of a table of
 * a million files is kept where its list is not. It may name a row group too many, never one too few.
 */
export interface FileIndex {
  placesOf(paths: Iterable<string>): Places;
  readonly heldBytes: number;
}

export interface Places {
  has(place: Place): boolean;
  hasFile(file: number): boolean;
}

/** Entries that are sorted at a time: few enough that sorting them holds nothing up. */
const RUN_ENTRIES = 65_536;

/** An entry is a hash of 32 bits above the ordinal of a place, in the 53 bits of a whole number. */
const PLACE_BITS = 21;
const MAX_PLACES = 2 ** PLACE_BITS;

export class FileIndexBuilder {
  readonly #runs: Float64Array[] = [];
  readonly #places: Place[] = [];
  #run = new Float64Array(RUN_ENTRIES);
  #entries = 0;

  /** Places come one after the other. */
  add(path: string, place: Place): void {
    const last = this.#places.at(-1);
    if (last?.file !== place.file || last.rowGroup !== place.rowGroup) this.#places.push(place);
    if (this.#places.length > MAX_PLACES) return;
    this.#run[this.#entries++] = hashOf(path) * MAX_PLACES + this.#places.length - 1;
    if (this.#entries === RUN_ENTRIES) this.#endRun();
  }

  /** Undefined for a checkpoint of too many row groups. */
  finish(): FileIndex | undefined {
    if (this.#places.length > MAX_PLACES) return undefined;
    if (this.#entries > 0) this.#endRun();
    const runs = this.#runs;
    const places = this.#places;
    return {
      heldBytes: 1000 + runs.reduce((sum, run) => sum + run.byteLength, 0) + 50 * places.length,
      placesOf(paths) {
        const found = new Set<string>();
        const files = new Set<number>();
        for (const path of paths) {
          for (const ordinal of ordinalsOf(runs, hashOf(path))) {
            const place = places[ordinal];
            if (place === undefined) continue;
            found.add(keyOf(place));
            files.add(place.file);
          }
        }
        return { has: (place) => found.has(keyOf(place)), hasFile: (file) => files.has(file) };
      },
    };
  }

  #endRun(): void {
    this.#runs.push(this.#run.slice(0, this.#entries).sort());
    this.#run = new Float64Array(RUN_ENTRIES);
    this.#entries = 0;
  }
}

function keyOf({ file, rowGroup }: Place): string {
  return `${file}/${rowGroup}`;
}

function* ordinalsOf(runs: readonly Float64Array[], hash: number): Generator<number> {
  const lowest = hash * MAX_PLACES;
  for (const run of runs) {
    for (let at = lowerBound(run, lowest); at < run.length; at++) {
      const ordinal = (run[at] ?? Number.POSITIVE_INFINITY) - lowest;
      if (ordinal >= MAX_PLACES) break;
      yield ordinal;
    }
  }
}

/** First entry that is not below `value`. */
function lowerBound(run: Float64Array, value: number): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((run[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
