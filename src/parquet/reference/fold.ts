import type { PageBounds } from "../../model/index.ts";
import { decodeUtf8Java } from "../../types/index.ts";
import {
  compareMinimal,
  type DecimalWidth,
  encodeDecimal,
  encodeIntegerDecimal,
  minimalForm,
} from "../bounds/decimal.ts";
import type { IndexedType } from "../eligibility.ts";
import type { ByteBatch, ValueBatch } from "./values.ts";

/** Minimum and maximum of a page, value by value (06 §3.6). */
export interface Fold {
  add(batch: ValueBatch): void;
  /** Undefined if nothing was added. */
  bounds(): PageBounds | undefined;
}

export function createFold(type: IndexedType): Fold {
  switch (type) {
    case "i32":
      return numberFold("i32", (min, max) => ({ kind: "i32", min, max }));
    case "f32":
      return numberFold("f32", (min, max) => ({ kind: "f32", min, max }));
    case "f64":
      return numberFold("f64", (min, max) => ({ kind: "f64", min, max }));
    case "i64":
      return bigintFold();
    case "bool":
      return booleanFold();
    case "utf8":
      return textFold();
    case "decimal128":
      return decimalFold(16, (min, max) => ({ kind: "decimal128", min, max }));
    case "decimal256":
      return decimalFold(32, (min, max) => ({ kind: "decimal256", min, max }));
  }
}

/** `Math.min` and `Math.max` have the very rules of 06 §3.6: NaN wins, −0 is below +0. */
function numberFold(kind: "i32" | "f32" | "f64", result: (min: number, max: number) => PageBounds): Fold {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let seen = false;
  return {
    add(batch) {
      if (batch.kind !== kind) throw wrongBatch(kind, batch);
      for (const value of batch.values) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        seen = true;
      }
    },
    bounds: () => (seen ? result(min, max) : undefined),
  };
}

function bigintFold(): Fold {
  let range: { min: bigint; max: bigint } | undefined;
  return {
    add(batch) {
      if (batch.kind !== "i64") throw wrongBatch("i64", batch);
      for (const value of batch.values) {
        if (range === undefined) range = { min: value, max: value };
        else if (value < range.min) range.min = value;
        else if (value > range.max) range.max = value;
      }
    },
    bounds: () => range && { kind: "i64", ...range },
  };
}

function booleanFold(): Fold {
  let sawTrue = false;
  let sawFalse = false;
  return {
    add(batch) {
      if (batch.kind !== "bool") throw wrongBatch("bool", batch);
      sawTrue ||= batch.values.includes(1);
      sawFalse ||= batch.values.includes(0);
    },
    bounds: () => (sawTrue || sawFalse ? { kind: "bool", min: !sawFalse, max: sawTrue } : undefined),
  };
}

/** Compares decoded text in UTF-16 order, which is what `<` on strings is. */
function textFold(): Fold {
  let range: { min: string; max: string } | undefined;
  return {
    add(batch) {
      if (batch.kind !== "bytes") throw wrongBatch("bytes", batch);
      for (let index = 0; index < batch.starts.length; index++) {
        const value = decodeUtf8Java(batch.bytes, batch.starts[index]!, batch.ends[index]!);
        if (range === undefined) range = { min: value, max: value };
        else if (value < range.min) range.min = value;
        else if (value > range.max) range.max = value;
      }
    },
    bounds: () => range && { kind: "utf8", ...range },
  };
}

function decimalFold(width: DecimalWidth, result: (min: Uint8Array, max: Uint8Array) => PageBounds): Fold {
  const integers = bigintFold();
  let min: Uint8Array | undefined;
  let max: Uint8Array | undefined;
  function addBytes(batch: ByteBatch): void {
    for (let index = 0; index < batch.starts.length; index++) {
      const value = minimalForm(batch.bytes, batch.starts[index]!, batch.ends[index]!);
      // Copies, since batches don't outlive the next one; slices of a Buffer would share its memory.
      if (min === undefined || compareMinimal(value, min) < 0) min = new Uint8Array(value);
      if (max === undefined || compareMinimal(value, max) > 0) max = new Uint8Array(value);
    }
  }
  return {
    add(batch) {
      switch (batch.kind) {
        case "i32":
          integers.add({ kind: "i64", values: BigInt64Array.from(batch.values, BigInt) });
          return;
        case "i64":
          integers.add(batch);
          return;
        case "bytes":
          addBytes(batch);
          return;
        default:
          throw wrongBatch("decimal", batch);
      }
    },
    bounds() {
      if (min !== undefined && max !== undefined) {
        return result(encodeDecimal(min, width), encodeDecimal(max, width));
      }
      const range = integers.bounds();
      if (range?.kind !== "i64") return undefined;
      return result(encodeIntegerDecimal(range.min, width), encodeIntegerDecimal(range.max, width));
    },
  };
}

/** A mistake of this program: `indexedType` and the decoders disagree about a column. */
function wrongBatch(wanted: string, batch: ValueBatch): TypeError {
  return new TypeError(`bounds of ${wanted} can't be folded from ${batch.kind} values`);
}
