/**
 * What a comparison says of a page when only the page's minimum and maximum are known, and the literal only within
 * `[low, high]` (a literal that the column's type can't hold exactly). "No row passes" is said only if it is so for every value
 * that the literal can stand for.
 */
import type { Operator } from "./predicate.ts";

export interface Span<T> {
  readonly low: T;
  readonly high: T;
}

export type Compare<T> = (a: T, b: T) => number;

export function noRowPasses<T>(
  operator: Operator,
  page: { readonly min: T; readonly max: T },
  literal: Span<T>,
  compare: Compare<T>,
): boolean {
  switch (operator) {
    case "=":
      return compare(page.max, literal.low) < 0 || compare(page.min, literal.high) > 0;
    case "<>":
      return (
        compare(page.min, literal.low) === 0 &&
        [page.max, literal.high].every((value) => compare(value, page.min) === 0)
      );
    case "<":
      return compare(page.min, literal.high) >= 0;
    case "<=":
      return compare(page.min, literal.high) > 0;
    case ">":
      return compare(page.max, literal.low) <= 0;
    case ">=":
      return compare(page.max, literal.low) < 0;
  }
}

export const compareOrdered = <T extends number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
