/** Values of a column, a bounded batch at a time and without an object per value. */
export type ValueBatch =
  | { readonly kind: "i32"; readonly values: Int32Array }
  | { readonly kind: "i64"; readonly values: BigInt64Array }
  | { readonly kind: "f32"; readonly values: Float32Array }
  | { readonly kind: "f64"; readonly values: Float64Array }
  | { readonly kind: "bool"; readonly values: Uint8Array }
  | ByteBatch;

/** Value i is `bytes[starts[i], ends[i])`. */
export interface ByteBatch {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The values of one page in order. */
export interface ValueSource {
  /** At least one and at most `max` values (`max` ≥ 1), valid until the next call; throws if there are none left. */
  next(max: number): ValueBatch;
}

export function batchLength(batch: ValueBatch): number {
  return batch.kind === "bytes" ? batch.starts.length : batch.values.length;
}

/** The values at the given positions. */
export function gather(batch: ValueBatch, positions: Int32Array): ValueBatch {
  switch (batch.kind) {
    case "i32": {
      const { values } = batch;
      return { kind: "i32", values: positions.map((position) => values[position]!) };
    }
    case "i64": {
      const { values } = batch;
      return { kind: "i64", values: BigInt64Array.from(positions, (position) => values[position]!) };
    }
    case "f32": {
      const { values } = batch;
      return { kind: "f32", values: Float32Array.from(positions, (position) => values[position]!) };
    }
    case "f64": {
      const { values } = batch;
      return { kind: "f64", values: Float64Array.from(positions, (position) => values[position]!) };
    }
    case "bool": {
      const { values } = batch;
      return { kind: "bool", values: Uint8Array.from(positions, (position) => values[position]!) };
    }
    case "bytes": {
      const { bytes, starts, ends } = batch;
      return {
        kind: "bytes",
        bytes,
        starts: positions.map((position) => starts[position]!),
        ends: positions.map((position) => ends[position]!),
      };
    }
  }
}
