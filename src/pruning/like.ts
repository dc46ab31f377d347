import type { ColumnName, Predicate } from "./predicate.ts";

/**
 * `%` any text, `_` one character. Engines differ on whether `\` escapes: it ends the prefix, which is right for both. A pattern
 * without wildcards is a comparison.
 */
export function likeLeaf(column: ColumnName, pattern: string): Predicate {
  const at = pattern.search(/[%_\\]/);
  if (at < 0) return { kind: "compare", column, operator: "=", literal: { kind: "string", text: pattern } };
  const prefixDecides = /^%+$/.test(pattern.slice(at));
  return { kind: "like", column, prefix: pattern.slice(0, at), prefixDecides, negated: false };
}
