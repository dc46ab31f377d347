import type { CapturePolicy } from "../model/index.ts";
import { isJavaBlank, javaTrim } from "../types/index.ts";

/**
 * The top-level columns that a policy asks statistics of (05 §8.1), for formats whose columns are top-level names. Selectors
 * win over the scope; names are compared exactly. QUIRK, matched: a scope that comes out empty means every column. Selectors
 * that match nothing select nothing (the reference then reports every leaf of the footer: may improve).
 */
export function includedNames(policy: CapturePolicy, topLevelNames: readonly string[]): ReadonlySet<string> {
  const selectors = policy.columns
    .filter((column) => column.captureStats && !isJavaBlank(column.selector))
    .map((column) => javaTrim(column.selector));
  if (selectors.length > 0) {
    const selected = new Set(selectors);
    return new Set(topLevelNames.filter((name) => selected.has(name)));
  }
  switch (policy.defaultColumnScope) {
    case "first-n":
      return new Set(topLevelNames.slice(0, policy.maxDefaultColumns));
    case "all":
    case "explicit-only":
      return new Set(topLevelNames);
  }
}
