import { isUtf8 } from "node:buffer";
import { decodeUtf8Java } from "../../types/index.ts";
import type { DistinctSink } from "../engine.ts";
import type { SchemaLeaf } from "../metadata.ts";
import type { ByteBatch, ValueBatch } from "./values.ts";

/** Bit patterns that stand for every NaN (07 §6.3). */
const FLOAT_NAN = 0x7fc00000;
const DOUBLE_NAN_HIGH = 0x7ff80000;

/** Presents values to a sketch as the items of 07 §6.3. */
export function createDistinct(leaf: SchemaLeaf, sink: DistinctSink): (batch: ValueBatch) => void {
  const isDecimal = leaf.annotation?.kind === "DECIMAL";
  return (batch) => {
    switch (batch.kind) {
      case "i32":
        for (const value of batch.values) {
          if (isDecimal) addText(sink, String(value));
          else sink.addLong(value, value >> 31);
        }
        return;
      case "i64":
        if (isDecimal) for (const value of batch.values) addText(sink, String(value));
        else addHalves(sink, batch.values);
        return;
      case "f32": {
        const bits = new Int32Array(Float32Array.from(batch.values).buffer);
        bits.forEach((pattern, index) => {
          const canonical = Number.isNaN(batch.values[index]) ? FLOAT_NAN : pattern;
          sink.addLong(canonical, canonical >> 31);
        });
        return;
      }
      case "f64":
        addDoubles(sink, batch.values);
        return;
      case "bool":
        for (const value of batch.values) sink.addLong(value, 0);
        return;
      case "bytes":
        addByteArrays(sink, batch);
    }
  };
}

function addText(sink: DistinctSink, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  sink.addBytes(bytes, 0, bytes.length);
}

function addHalves(sink: DistinctSink, values: BigInt64Array): void {
  const halves = new Int32Array(BigInt64Array.from(values).buffer);
  for (let index = 0; index < halves.length; index += 2) sink.addLong(halves[index]!, halves[index + 1]!);
}

function addDoubles(sink: DistinctSink, values: Float64Array): void {
  const halves = new Int32Array(Float64Array.from(values).buffer);
  for (let index = 0; index < values.length; index++) {
    if (Number.isNaN(values[index])) sink.addLong(0, DOUBLE_NAN_HIGH);
    else sink.addLong(halves[2 * index]!, halves[2 * index + 1]!);
  }
}

/** Valid UTF-8 is its own item; anything else is what decoding and encoding again make of it. */
function addByteArrays(sink: DistinctSink, { bytes, starts, ends }: ByteBatch): void {
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index]!;
    const end = ends[index]!;
    if (isUtf8(bytes.subarray(start, end))) sink.addBytes(bytes, start, end);
    else addText(sink, decodeUtf8Java(bytes, start, end));
  }
}
