import type { ColumnValue, ValueSegment } from "./column-values.ts";

/**
 * The entries of one leaf over a window of consecutive rows, with their levels. A row of a leaf that isn't repeated has one
 * entry; one of a repeated leaf has one for each element, or one that is not present for a list that is empty or null.
 */
export interface ColumnWindow {
  readonly rowCount: number;
  /** Entries of row `row` are those from here up to `entriesStart(row + 1)`. */
  entriesStart(row: number): number;
  definitionLevel(entry: number): number;
  isPresent(entry: number): boolean;
  /** Undefined for an entry that isn't present. */
  value(entry: number): ColumnValue | undefined;
  /** The value as UTF-8 text; only for byte arrays. */
  text(entry: number): string | undefined;
}

/** One row of more elements than that is an attack: a file of a few bytes can claim any number of them. */
const MAX_ENTRIES = 1 << 24;

const ABSENT = -1;

/** Collects entries in order. The caller asks for few rows at a time; beyond one entry a row the room grows with what is there. */
export class WindowBuilder {
  readonly #rowStarts: Int32Array;
  readonly #segments: ValueSegment[] = [];
  #definitions: Uint8Array<ArrayBuffer>;
  #segmentOf: Int32Array<ArrayBuffer>;
  #indexInSegment: Int32Array<ArrayBuffer>;
  #entries = 0;
  #rows = 0;

  constructor(rowCount: number) {
    this.#rowStarts = new Int32Array(rowCount + 1);
    this.#definitions = new Uint8Array(rowCount);
    this.#segmentOf = new Int32Array(rowCount);
    this.#indexInSegment = new Int32Array(rowCount);
  }

  get rows(): number {
    return this.#rows;
  }

  get isFull(): boolean {
    return this.#entries >= MAX_ENTRIES;
  }

  startRow(): void {
    this.#rowStarts[this.#rows++] = this.#entries;
  }

  /** Entries added from now on take their values from this segment. */
  useSegment(segment: ValueSegment): void {
    if (this.#segments.at(-1) !== segment) this.#segments.push(segment);
  }

  /** `indexInSegment` is undefined for an entry without a value. */
  addEntry(definitionLevel: number, indexInSegment: number | undefined): void {
    if (this.#entries === this.#definitions.length) this.#grow();
    this.#definitions[this.#entries] = definitionLevel;
    this.#segmentOf[this.#entries] = indexInSegment === undefined ? ABSENT : this.#segments.length - 1;
    this.#indexInSegment[this.#entries] = indexInSegment ?? 0;
    this.#entries++;
  }

  finish(): ColumnWindow {
    const rowStarts = this.#rowStarts;
    const definitions = this.#definitions;
    const segmentOf = this.#segmentOf;
    const indexInSegment = this.#indexInSegment;
    const segments = this.#segments;
    rowStarts.fill(this.#entries, this.#rows);
    const segmentAt = (entry: number) => segments[segmentOf[entry] ?? ABSENT];
    return {
      rowCount: this.#rows,
      entriesStart: (row) => rowStarts[row] ?? 0,
      definitionLevel: (entry) => definitions[entry] ?? 0,
      isPresent: (entry) => segmentAt(entry) !== undefined,
      value: (entry) => segmentAt(entry)?.value(indexInSegment[entry] ?? 0),
      text: (entry) => segmentAt(entry)?.text(indexInSegment[entry] ?? 0),
    };
  }

  #grow(): void {
    const length = Math.max(16, this.#definitions.length * 2);
    this.#definitions = grown(this.#definitions, new Uint8Array(length));
    this.#segmentOf = grown(this.#segmentOf, new Int32Array(length));
    this.#indexInSegment = grown(this.#indexInSegment, new Int32Array(length));
  }
}

function grown<Target extends Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(
  from: Target,
  to: Target,
): Target {
  to.set(from);
  return to;
}
