import { LogicalTypeError } from "./errors.ts";
import { isJavaBlank, javaTrim } from "./java-text.ts";
import {
  decimalType,
  type IntervalRange,
  type LogicalKind,
  type LogicalType,
  MAX_TEMPORAL_PRECISION,
  PLAIN_KINDS,
  TEMPORAL_KINDS,
} from "./logical-type.ts";

/**
 * Type text to type, with the aliases, the order of rules and the error texts of 07 §1.3. Only the roll-up needs it: there
 * the text may come from another program.
 */
export function parseLogicalType(text: string): LogicalType {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const type = parse(text);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(text, type);
  return type;
}

/** A table has few types and asks for them once a column of every file. */
const parsed = new Map<string, LogicalType>();
const MAX_PARSED = 1000;

function parse(text: string): LogicalType {
  if (isJavaBlank(text)) throw new LogicalTypeError("Logical type must not be null/blank");
  const normal = javaTrim(text)
    .toUpperCase()
    .replace(/[ \t\n\v\f\r]+/g, " ");
  return (
    parseDecimal(text, normal) ??
    parseInterval(text, normal) ??
    parseParameterised(text, normal) ??
    parsePlain(text, normal)
  );
}

const KINDS: ReadonlyMap<string, LogicalKind> = new Map<string, LogicalKind>([
  ...[...PLAIN_KINDS, ...TEMPORAL_KINDS, "DECIMAL" as const, "INTERVAL" as const].map(
    (kind): [string, LogicalKind] => [kind, kind],
  ),
  ...aliases("INT", "INTEGER BIGINT LONG SMALLINT TINYINT INT8 INT4 INT2 UINT8 UINT4 UINT2"),
  ...aliases("FLOAT", "FLOAT4 FLOAT32 REAL"),
  ...aliases("DOUBLE", "FLOAT8 FLOAT64"),
  ["DOUBLE PRECISION", "DOUBLE"],
  ...aliases("STRING", "VARCHAR CHAR CHARACTER TEXT NTEXT NVARCHAR"),
  ...aliases("BINARY", "VARBINARY BYTEA BLOB IMAGE"),
  ...aliases("BOOLEAN", "BOOL BIT"),
  ["NUMERIC", "DECIMAL"],
  ["TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"],
  ["DATETIME", "TIMESTAMP"],
  ["JSONB", "JSON"],
]);

/** String types that may carry a length, which is dropped (07 §1.3 rule 3). */
const SIZED_STRINGS = new Set(["VARCHAR", "CHAR", "CHARACTER", "NVARCHAR"]);

function aliases(kind: LogicalKind, names: string): [string, LogicalKind][] {
  return names.split(" ").map((name) => [name, kind]);
}

function parseDecimal(text: string, normal: string): LogicalType | undefined {
  const match = /^(?:DECIMAL|NUMERIC) ?\( ?(\d+) ?, ?(\d+) ?\)$/.exec(normal);
  if (match === null) return undefined;
  return decimalType(smallInt(text, match[1]), smallInt(text, match[2]));
}

function parseInterval(text: string, normal: string): LogicalType | undefined {
  if (normal === "INTERVAL") return { kind: "INTERVAL", range: undefined };
  const fractionOnly = /^INTERVAL ?\( ?(\d+) ?\)$/.exec(normal);
  if (fractionOnly !== null) {
    return interval({
      kind: "DAY_TO_SECOND",
      leadingPrecision: undefined,
      fractionPrecision: fraction(text, fractionOnly[1]),
    });
  }
  const yearToMonth = /^INTERVAL YEAR ?(?:\( ?(\d+) ?\))? ?TO MONTH$/.exec(normal);
  if (yearToMonth !== null) {
    return interval({ kind: "YEAR_TO_MONTH", leadingPrecision: optionalInt(text, yearToMonth[1]) });
  }
  const dayToSecond = /^INTERVAL DAY ?(?:\( ?(\d+) ?\))? ?TO SECOND ?(?:\( ?(\d+) ?\))?$/.exec(normal);
  if (dayToSecond !== null) {
    return interval({
      kind: "DAY_TO_SECOND",
      leadingPrecision: optionalInt(text, dayToSecond[1]),
      fractionPrecision: dayToSecond[2] === undefined ? undefined : fraction(text, dayToSecond[2]),
    });
  }
  return undefined;
}

function interval(range: IntervalRange): LogicalType {
  return { kind: "INTERVAL", range };
}

function parseParameterised(text: string, normal: string): LogicalType | undefined {
  const open = normal.indexOf("(");
  if (open < 1 || !normal.endsWith(")")) return undefined;
  const name = javaTrim(normal.slice(0, open));
  const parameters = javaTrim(normal.slice(open + 1, -1));
  const kind = KINDS.get(name);
  if (kind === "TIME" || kind === "TIMESTAMP" || kind === "TIMESTAMPTZ") {
    if (!/^\d+$/.test(parameters)) throw unrecognised(text, "invalid temporal precision parameter");
    const precision = Number(parameters);
    if (precision > MAX_TEMPORAL_PRECISION) throw unrecognised(text, "temporal precision must be 0..6");
    return { kind, precision };
  }
  if (SIZED_STRINGS.has(name)) {
    if (!/^(?:\d+|MAX)$/.test(parameters)) throw unrecognised(text, "invalid string length parameter");
    return { kind: "STRING" };
  }
  throw unrecognised(text, `type does not accept parameters: ${name}`);
}

function parsePlain(text: string, normal: string): LogicalType {
  const kind = KINDS.get(normal);
  switch (kind) {
    case undefined:
      throw unrecognised(text);
    case "DECIMAL":
      throw unrecognised(text, "DECIMAL requires precision and scale");
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return { kind, precision: undefined };
    case "INTERVAL":
      return { kind, range: undefined };
    default:
      return { kind };
  }
}

function fraction(text: string, digits: string | undefined): number {
  const value = smallInt(text, digits);
  if (value > MAX_TEMPORAL_PRECISION) throw unrecognised(text, "precision must be 0..6");
  return value;
}

function optionalInt(text: string, digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : smallInt(text, digits);
}

function smallInt(text: string, digits: string | undefined): number {
  const value = Number(digits);
  if (!(value <= 0x7fffffff)) throw unrecognised(text, "parameter out of range");
  return value;
}

/** The contract gives the texts for canonical input only; for other spellings the text is quoted as it came (UNKNOWN). */
function unrecognised(text: string, detail?: string): LogicalTypeError {
  const start = `Unrecognized logical type: "${text}"`;
  return new LogicalTypeError(detail === undefined ? start : `${start} (${detail})`);
}
