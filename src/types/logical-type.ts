import { LogicalTypeError } from "./errors.ts";

/**
 * Logical types and their canonical text (07 §1.1, §1.2). Statistics records carry the type as this text; capture itself only
 * produces types without a temporal precision (07 §0 fact 1).
 */
export type LogicalType =
  | { readonly kind: PlainKind }
  | DecimalType
  | { readonly kind: TemporalKind; readonly precision: number | undefined }
  | { readonly kind: "INTERVAL"; readonly range: IntervalRange | undefined };

/** Kinds that take no parameters. */
export type PlainKind = (typeof PLAIN_KINDS)[number];

export interface DecimalType {
  readonly kind: "DECIMAL";
  readonly precision: number;
  readonly scale: number;
}

/** Kinds with an optional number of fraction digits, 0 to 6. */
export type TemporalKind = (typeof TEMPORAL_KINDS)[number];

export type IntervalRange =
  | { readonly kind: "YEAR_TO_MONTH"; readonly leadingPrecision: number | undefined }
  | {
      readonly kind: "DAY_TO_SECOND";
      readonly leadingPrecision: number | undefined;
      readonly fractionPrecision: number | undefined;
    };

export type LogicalKind = LogicalType["kind"];

export const PLAIN_KINDS = [
  "BOOLEAN",
  "INT",
  "FLOAT",
  "DOUBLE",
  "DATE",
  "STRING",
  "BINARY",
  "UUID",
  "JSON",
  "ARRAY",
  "MAP",
  "STRUCT",
  "VARIANT",
] as const;

export const TEMPORAL_KINDS = ["TIME", "TIMESTAMP", "TIMESTAMPTZ"] as const;

/** Fraction digits of a temporal value: microseconds are all that a bound keeps (07 §2). */
export const MAX_TEMPORAL_PRECISION = 6;

const NOT_ORDERABLE: ReadonlySet<LogicalKind> = new Set<LogicalKind>([
  "INTERVAL",
  "JSON",
  "ARRAY",
  "MAP",
  "STRUCT",
  "VARIANT",
]);

const COMPLEX: ReadonlySet<LogicalKind> = new Set<LogicalKind>(["ARRAY", "MAP", "STRUCT", "VARIANT"]);

/** Whether values of the kind have minimum and maximum at all (07 §1.1). */
export function isOrderable(type: LogicalType): boolean {
  return !NOT_ORDERABLE.has(type.kind);
}

/** ARRAY, MAP, STRUCT and VARIANT (07 §1.1). */
export function isComplex(type: LogicalType): boolean {
  return COMPLEX.has(type.kind);
}

/** DECIMAL(p,s) after the check of 07 §1.2; the limit of 38 is the table formats' own (07 §1.4). */
export function decimalType(precision: number, scale: number): DecimalType {
  if (!(precision >= 1 && scale >= 0 && scale <= precision)) {
    throw new LogicalTypeError(
      `Invalid DECIMAL(precision, scale): ${precision}, ${scale} (precision must be ≥ 1, scale must be 0–precision)`,
    );
  }
  return { kind: "DECIMAL", precision, scale };
}

/** Canonical text (07 §1.2). */
export function formatLogicalType(type: LogicalType): string {
  switch (type.kind) {
    case "DECIMAL":
      return `DECIMAL(${type.precision},${type.scale})`;
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return `${type.kind}${parenthesised(type.precision)}`;
    case "INTERVAL":
      return formatInterval(type.range);
    default:
      return type.kind;
  }
}

function formatInterval(range: IntervalRange | undefined): string {
  if (range === undefined) return "INTERVAL";
  const leading = parenthesised(range.leadingPrecision);
  if (range.kind === "YEAR_TO_MONTH") return `INTERVAL YEAR${leading} TO MONTH`;
  return `INTERVAL DAY${leading} TO SECOND${parenthesised(range.fractionPrecision)}`;
}

function parenthesised(parameter: number | undefined): string {
  return parameter === undefined ? "" : `(${parameter})`;
}
