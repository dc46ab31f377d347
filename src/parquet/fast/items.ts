import type { SchemaLeaf } from "../metadata.ts";
import type { ValueLayout } from "./layout.ts";
import { check } from "./outcome.ts";
import type { PlainValues } from "./region.ts";
import type { Session } from "./session.ts";
import { asText, fixedAsText } from "./text.ts";

/** Hashes PLAIN values as the items of 07 §6.3; entries below theta reach the session's sink. */
export function hashItems(
  session: Session,
  leaf: SchemaLeaf,
  layout: ValueLayout,
  values: PlainValues,
): void {
  const { kernels } = session;
  const { address, count } = values;
  const isDecimal = leaf.annotation?.kind === "DECIMAL";
  switch (layout.kind) {
    case "i32":
      if (isDecimal) kernels.hashDigits32(address, count);
      else kernels.hashI32(address, count);
      return;
    case "i64":
      if (isDecimal) kernels.hashDigits64(address, count);
      else kernels.hashI64(address, count);
      return;
    case "f32":
      kernels.hashF32(address, count);
      return;
    case "f64":
      kernels.hashF64(address, count);
      return;
    case "bytes":
      hashTexts(session, asText(session, values));
      return;
    case "fixed":
      if (kernels.isAscii(address, values.length) === 1) kernels.hashFixed(address, count, layout.width);
      else hashTexts(session, fixedAsText(session, values, layout.width));
  }
}

function hashTexts({ kernels }: Session, { address, length, count }: PlainValues): void {
  check(kernels.hashText(address, length, count), "byte arrays");
}

/** Booleans are the longs 1 and 0. */
export function hashBooleans({ kernels }: Session, count: number, trueCount: number): void {
  if (trueCount > 0) kernels.hashOne(1n);
  if (trueCount < count) kernels.hashOne(0n);
}
