import { type Annotation, ENCODING, type TimeUnit } from "../../parquet/index.ts";
import type { BoundView } from "./values.ts";

/** Names of parquet.thrift for what the tables show. */

const ENCODING_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ENCODING).map(([name, number]) => [
    number,
    name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  ]),
);

export function encodingName(encoding: number): string {
  return ENCODING_NAMES.get(encoding) ?? `encoding ${encoding}`;
}

export function annotationText(annotation: Annotation | undefined): string {
  if (annotation === undefined) return "";
  switch (annotation.kind) {
    case "DECIMAL":
      return `DECIMAL(${annotation.precision},${annotation.scale})`;
    case "INTEGER":
      return `${annotation.signed ? "INT" : "UINT"}_${annotation.bitWidth}`;
    case "TIME":
    case "TIMESTAMP":
      return `${annotation.kind}(${annotation.unit.toLowerCase()}${annotation.adjustedToUtc ? ", UTC" : ""})`;
    case "OTHER":
      return annotation.name;
    default:
      return annotation.kind;
  }
}

const UNITS_PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  MILLIS: 1_000n,
  MICROS: 1_000_000n,
  NANOS: 1_000_000_000n,
};

/** How the integers of a column are to be read. */
export function boundView(annotation: Annotation | undefined): BoundView {
  if (annotation?.kind === "DATE") return { kind: "date" };
  if (annotation?.kind === "TIMESTAMP") {
    return {
      kind: "timestamp",
      perSecond: UNITS_PER_SECOND[annotation.unit],
      utc: annotation.adjustedToUtc,
    };
  }
  return { kind: "plain" };
}
