import { coerceValue, type Decimal, type LogicalType, LogicalValueError } from "../types/index.ts";
import type { Literal } from "./predicate.ts";

const DECIMAL: LogicalType = { kind: "DECIMAL", precision: 38, scale: 0 };

export interface NumberText {
  readonly text: string;
  readonly value: Decimal;
}

/** A number, or a text that is one; engines convert it likewise. */
export function numberOf(literal: Literal): NumberText | undefined {
  if (literal.kind === "number") return literal;
  return literal.kind === "string" ? readNumber(literal.text.trim()) : undefined;
}

export function readNumber(text: string): NumberText | undefined {
  try {
    const value = coerceValue(DECIMAL, { kind: "STRING", value: text });
    return value.kind === "DECIMAL" ? { text, value: value.value } : undefined;
  } catch (error) {
    if (error instanceof LogicalValueError) return undefined;
    throw error;
  }
}

/** As the reader wrote it, cut short. */
export function describeLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "string":
      return `'${literal.text.slice(0, 60)}'`;
    case "number":
      return literal.text.slice(0, 60);
    case "boolean":
      return String(literal.value).toUpperCase();
  }
}
