import { UsageError } from "../model/index.ts";
import type { Decimal } from "../types/index.ts";

/**
 * A filter on the rows of a table, as the tree that its text stands for. There is no NOT: it is pushed down to the leaves when
 * the text is read, which SQL's three-valued logic allows (a row on which a leaf is unknown passes neither it nor its opposite).
 */
export type Predicate = { readonly kind: "and" | "or"; readonly terms: readonly Predicate[] } | PredicateLeaf;

export type PredicateLeaf =
  | {
      readonly kind: "compare";
      readonly column: ColumnName;
      readonly operator: Operator;
      readonly literal: Literal;
    }
  | { readonly kind: "null-test"; readonly column: ColumnName; readonly wanted: "null" | "not-null" }
  /** LIKE with at least one wildcard; `prefix` is what stands before the first one. */
  | {
      readonly kind: "like";
      readonly column: ColumnName;
      readonly prefix: string;
      /** Nothing but one `%` follows the prefix: the prefix alone decides. */
      readonly prefixDecides: boolean;
      readonly negated: boolean;
    };

export type Operator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** The dotted path of a leaf, as sidecars name columns (06 §2.3). Names in quotes keep their case. */
export interface ColumnName {
  readonly name: string;
  readonly quoted: boolean;
}

export type Literal =
  | { readonly kind: "number"; readonly text: string; readonly value: Decimal }
  /** Also `DATE '…'` and `TIMESTAMP '…'`: the column's type says what a text means. */
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean };

/** The text of a predicate can't be read. `at` counts characters from 0. */
export class PredicateError extends UsageError {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`predicate, character ${at + 1}: ${message}`);
    this.at = at;
  }
}

/** Every column that the predicate names, once each. */
export function predicateColumns(predicate: Predicate): ColumnName[] {
  const columns = new Map<string, ColumnName>();
  const visit = (node: Predicate): void => {
    if ("terms" in node) for (const term of node.terms) visit(term);
    else columns.set(`${node.column.quoted}:${node.column.name}`, node.column);
  };
  visit(predicate);
  return [...columns.values()];
}

const OPPOSITE: Readonly<Record<Operator, Operator>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

/** The predicate that is true exactly where this one is false. */
export function negate(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case "and":
    case "or":
      return { kind: predicate.kind === "and" ? "or" : "and", terms: predicate.terms.map(negate) };
    case "compare":
      return { ...predicate, operator: OPPOSITE[predicate.operator] };
    case "null-test":
      return { ...predicate, wanted: predicate.wanted === "null" ? "not-null" : "null" };
    case "like":
      return { ...predicate, negated: !predicate.negated };
  }
}
