export { type Bound, pageBounds } from "./bound-text.ts";
export { type ColumnView, type ColumnViews, concludeView, type RawRange, rawRanges } from "./column-view.ts";
export { parsePredicate } from "./parse.ts";
export { type ColumnName, type Predicate, PredicateError, predicateColumns } from "./predicate.ts";
export { type PrunedFile, type PrunedRowGroup, prunePages } from "./prune.ts";
export { countRows, type RowRange, type RowRanges } from "./row-ranges.ts";
