/**
 * Decides a leaf of a predicate on one page: either no row of the page can pass, or some may. Bounds hold every value of the page
 * that takes part (06 §3.6), so equality is decided in any order; ranges over text only where UTF-16 order and byte order agree.
 * The comparison is made once for a column and kind of bounds, and then asked page by page.
 */
import type { PageBounds } from "../model/index.ts";
import { compareValues, type Decimal, type LogicalType } from "../types/index.ts";
import { type BoundsTest, Undecided } from "./bounds-test.ts";
import type { ColumnView } from "./column-view.ts";
import { integerTest } from "./integers.ts";
import { describeLiteral, numberOf } from "./literal.ts";
import { compareOrdered, noRowPasses, type Span } from "./ordered.ts";
import type { Literal, Operator, PredicateLeaf } from "./predicate.ts";

const DECIMAL: LogicalType = { kind: "DECIMAL", precision: 38, scale: 0 };

/** Whether the leaf leaves nothing of a page whose values are all null, or that has none. */
export function decideWithoutBounds(leaf: PredicateLeaf): boolean {
  return !(leaf.kind === "null-test" && leaf.wanted === "null");
}

export function compileLeaf(
  leaf: PredicateLeaf,
  kind: PageBounds["kind"],
  view: ColumnView | undefined,
): BoundsTest | Undecided {
  switch (leaf.kind) {
    case "null-test":
      // Whether a page has nulls beside values is not in the index; a required column has none.
      return leaf.wanted === "null" ? (_, row) => row.parquetMaxDefLevel === 0 : () => false;
    case "like":
      return kind === "utf8"
        ? likeTest(leaf)
        : new Undecided(`LIKE needs a text column, and this one holds ${KIND_NAMES[kind]}`);
    case "compare":
      return compareTest(leaf.operator, leaf.literal, kind, view);
  }
}

const KIND_NAMES: Readonly<Record<PageBounds["kind"], string>> = {
  i32: "integers",
  i64: "integers",
  f32: "floating-point numbers",
  f64: "floating-point numbers",
  bool: "booleans",
  utf8: "text",
  decimal128: "decimals",
  decimal256: "decimals",
};

function compareTest(
  operator: Operator,
  literal: Literal,
  kind: PageBounds["kind"],
  view: ColumnView | undefined,
): BoundsTest | Undecided {
  switch (kind) {
    case "utf8":
      return textTest(operator, literal);
    case "bool":
      return booleanTest(operator, literal);
    case "i32":
    case "i64":
      return integerTest(operator, literal, kind === "i32" ? 32 : 64, view);
    case "f32":
    case "f64":
      return floatTest(operator, literal, kind);
    case "decimal128":
    case "decimal256":
      return decimalTest(operator, literal);
  }
}

/**
 * UTF-16 order and byte order agree on every text against a literal whose code units all lie below the surrogates; only then do
 * bounds in UTF-16 order (06 §3.6) hold for an engine that compares bytes.
 */
const ORDERS_DIFFER = /[\ud800-\uffff]/;

/** Stands for bytes that were no UTF-8: texts that look equal may not be (06 §3.6). */
const REPLACEMENT = "\ufffd";

function textTest(operator: Operator, literal: Literal): BoundsTest | Undecided {
  if (literal.kind !== "string") {
    return new Undecided(`${describeLiteral(literal)} does not compare with text: write it in single quotes`);
  }
  const { text } = literal;
  if (operator !== "=" && operator !== "<>" && ORDERS_DIFFER.test(text)) {
    return new Undecided(
      `engines order ${JSON.stringify(text)} differently: a range that ends there can't be decided`,
    );
  }
  if (operator === "<>" && text.includes(REPLACEMENT)) return () => false;
  const span = { low: text, high: text };
  return (bounds) => bounds.kind === "utf8" && noRowPasses(operator, bounds, span, compareText);
}

function likeTest(leaf: Extract<PredicateLeaf, { kind: "like" }>): BoundsTest {
  const { prefix, prefixDecides, negated } = leaf;
  if (negated) {
    // Between two texts that share a prefix, every text has it.
    return (bounds) =>
      prefixDecides &&
      !prefix.includes(REPLACEMENT) &&
      bounds.kind === "utf8" &&
      bounds.min.startsWith(prefix) &&
      bounds.max.startsWith(prefix);
  }
  // Texts with a prefix are neighbours in UTF-16 order, in which the bounds are.
  return (bounds) =>
    bounds.kind === "utf8" &&
    (bounds.max < prefix || (bounds.min > prefix && !bounds.min.startsWith(prefix)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function booleanTest(operator: Operator, literal: Literal): BoundsTest | Undecided {
  const value = literal.kind === "boolean" ? literal.value : booleanOf(literal);
  if (value === undefined) return new Undecided(`${describeLiteral(literal)} does not compare with booleans`);
  const span = { low: Number(value), high: Number(value) };
  return (bounds) =>
    bounds.kind === "bool" &&
    noRowPasses(operator, { min: Number(bounds.min), max: Number(bounds.max) }, span, compareOrdered<number>);
}

function booleanOf(literal: Literal): boolean | undefined {
  const text = literal.kind === "string" ? literal.text.trim().toLowerCase() : "";
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** A literal that a 32-bit float can't hold is compared as it is and as the nearest one: engines do either. */
function floatTest(operator: Operator, literal: Literal, kind: "f32" | "f64"): BoundsTest | Undecided {
  const number = numberOf(literal);
  if (number === undefined) return new Undecided(`${describeLiteral(literal)} does not compare with numbers`);
  const exact = Number(number.text);
  const rounded = kind === "f32" ? Math.fround(exact) : exact;
  const span: Span<number> = { low: Math.min(exact, rounded), high: Math.max(exact, rounded) };
  return (bounds) => {
    if (bounds.kind !== kind) return false;
    // NaN is "no bound" (06 §3.6); a page without it holds none.
    if (Number.isNaN(bounds.min) || Number.isNaN(bounds.max)) return false;
    return noRowPasses(operator, bounds, span, compareOrdered<number>);
  };
}

function decimalTest(operator: Operator, literal: Literal): BoundsTest | Undecided {
  const number = numberOf(literal);
  if (number === undefined) return new Undecided(`${describeLiteral(literal)} does not compare with numbers`);
  const span = { low: number.value, high: number.value };
  return (bounds, { decimal }) => {
    if ((bounds.kind !== "decimal128" && bounds.kind !== "decimal256") || decimal === undefined) return false;
    // Engines round a text to the column's scale.
    if (literal.kind === "string" && number.value.scale > decimal.scale) return false;
    const page = {
      min: { unscaled: signedInteger(bounds.min), scale: decimal.scale },
      max: { unscaled: signedInteger(bounds.max), scale: decimal.scale },
    };
    return noRowPasses(operator, page, span, compareDecimals);
  };
}

function compareDecimals(a: Decimal, b: Decimal): number {
  return compareValues(DECIMAL, { kind: "DECIMAL", value: a }, { kind: "DECIMAL", value: b });
}

/** Big-endian two's complement. */
function signedInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}
