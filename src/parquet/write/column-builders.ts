/**
 * The columns of a sidecar while they are filled, row by row: definition levels and the values that are present, in typed
 * arrays that hold exactly the bits that go into the file. A value that its column can't hold is an error, never a wrapped
 * figure.
 */
export type ColumnValues =
  | {
      readonly kind: "words";
      readonly levels: Levels;
      readonly words: Int32Array;
      readonly wordsPerValue: number;
    }
  | { readonly kind: "boolean"; readonly levels: Levels; readonly values: Uint8Array }
  | { readonly kind: "text"; readonly levels: Levels; readonly values: readonly string[] };

/** One byte a row: 1 where there is a value, 0 where there is none. Undefined for a required column. */
export type Levels = Uint8Array | undefined;

/** Takes the values of a column in ascending row; a row that is never put is null. */
export interface ColumnBuilder<T> {
  put(row: number, value: T): void;
  finish(): ColumnValues;
}

/** What a column is called in messages, how many rows it has, whether rows may be null, and how many at most are not. */
export interface ColumnShape {
  readonly name: string;
  readonly rowCount: number;
  readonly optional: boolean;
  readonly maxValues: number;
}

const NAN_F32_BITS = 0x7fc00000;
const NAN_F64_HIGH_BITS = 0x7ff80000;

export function valueCountOf(column: ColumnValues): number {
  return column.kind === "words" ? column.words.length / column.wordsPerValue : column.values.length;
}

export function int32Builder(shape: ColumnShape): ColumnBuilder<number> {
  const levels = levelsFor(shape);
  const words = new Int32Array(shape.maxValues);
  let count = 0;
  return {
    put(row, value) {
      if ((value | 0) !== value) throw unfit(shape, value, "a signed 32-bit integer");
      if (levels !== undefined) levels[row] = 1;
      words[count++] = value;
    },
    finish: () => wordColumn(levels, words.buffer, count, 1),
  };
}

export function uint32Builder(shape: ColumnShape): ColumnBuilder<number> {
  const levels = levelsFor(shape);
  const words = new Int32Array(shape.maxValues);
  let count = 0;
  return {
    put(row, value) {
      if (value >>> 0 !== value) throw unfit(shape, value, "an unsigned 32-bit integer");
      if (levels !== undefined) levels[row] = 1;
      words[count++] = value;
    },
    finish: () => wordColumn(levels, words.buffer, count, 1),
  };
}

export function int64Builder(shape: ColumnShape): ColumnBuilder<bigint> {
  const levels = levelsFor(shape);
  const values = new BigInt64Array(shape.maxValues);
  let count = 0;
  return {
    put(row, value) {
      if (BigInt.asIntN(64, value) !== value) throw unfit(shape, value, "a signed 64-bit integer");
      if (levels !== undefined) levels[row] = 1;
      values[count++] = value;
    },
    finish: () => wordColumn(levels, values.buffer, count, 2),
  };
}

/** NaN, a legal bound (06 §3.6), always gets the same bits, so that equal rows give equal bytes. */
export function float32Builder(shape: ColumnShape): ColumnBuilder<number> {
  const levels = levelsFor(shape);
  const values = new Float32Array(shape.maxValues);
  const words = new Int32Array(values.buffer);
  let count = 0;
  return {
    put(row, value) {
      values[count] = value;
      if (Number.isNaN(value)) words[count] = NAN_F32_BITS;
      else if (values[count] !== value) throw unfit(shape, value, "a 32-bit floating-point number");
      if (levels !== undefined) levels[row] = 1;
      count++;
    },
    finish: () => wordColumn(levels, values.buffer, count, 1),
  };
}

/** NaN as in `float32Builder`. */
export function float64Builder(shape: ColumnShape): ColumnBuilder<number> {
  const levels = levelsFor(shape);
  const values = new Float64Array(shape.maxValues);
  const words = new Int32Array(values.buffer);
  let count = 0;
  return {
    put(row, value) {
      values[count] = value;
      if (Number.isNaN(value)) {
        words[2 * count] = 0;
        words[2 * count + 1] = NAN_F64_HIGH_BITS;
      }
      if (levels !== undefined) levels[row] = 1;
      count++;
    },
    finish: () => wordColumn(levels, values.buffer, count, 2),
  };
}

/** Values of `width` bytes each, a multiple of 4. */
export function fixedBytesBuilder(shape: ColumnShape, width: number): ColumnBuilder<Uint8Array> {
  const levels = levelsFor(shape);
  const bytes = new Uint8Array(shape.maxValues * width);
  let count = 0;
  return {
    put(row, value) {
      if (value.length !== width)
        throw unfit(shape, `a value of ${value.length} bytes`, `${width} bytes long`);
      if (levels !== undefined) levels[row] = 1;
      bytes.set(value, count++ * width);
    },
    finish: () => wordColumn(levels, bytes.buffer, count, width / 4),
  };
}

export function booleanBuilder(shape: ColumnShape): ColumnBuilder<boolean> {
  const levels = levelsFor(shape);
  const values = new Uint8Array(shape.maxValues);
  let count = 0;
  return {
    put(row, value) {
      if (levels !== undefined) levels[row] = 1;
      values[count++] = value ? 1 : 0;
    },
    finish: () => ({ kind: "boolean", levels, values: values.subarray(0, count) }),
  };
}

export function textBuilder(shape: ColumnShape): ColumnBuilder<string> {
  const levels = levelsFor(shape);
  const values: string[] = [];
  return {
    put(row, value) {
      if (levels !== undefined) levels[row] = 1;
      values.push(value);
    },
    finish: () => ({ kind: "text", levels, values }),
  };
}

function levelsFor(shape: ColumnShape): Levels {
  return shape.optional ? new Uint8Array(shape.rowCount) : undefined;
}

function wordColumn(
  levels: Levels,
  buffer: ArrayBuffer,
  valueCount: number,
  wordsPerValue: number,
): ColumnValues {
  return {
    kind: "words",
    levels,
    words: new Int32Array(buffer, 0, valueCount * wordsPerValue),
    wordsPerValue,
  };
}

function unfit(shape: ColumnShape, found: number | bigint | string, wanted: string): RangeError {
  return new RangeError(`sidecar column ${shape.name}: ${found} is not ${wanted}`);
}
