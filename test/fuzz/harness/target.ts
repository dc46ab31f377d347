import type { Random } from "./random.ts";

/** One parser, or one group of parsers, that is given hostile bytes. */
export interface FuzzTarget {
  readonly name: TargetName;
  /** What the inputs are made from, and how many there are. */
  readonly seedCount: number;
  mutant(random: Random): Uint8Array;
  run(input: Uint8Array): Promise<Outcome>;
}

export const TARGET_NAMES = [
  "parquet",
  "records",
  "oracle",
  "sidecar",
  "delta",
  "iceberg",
  "avro",
  "puffin",
  "theta",
  "proto",
] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export type Outcome = Accepted | Refused | Fault;

/** The parser took the input for what it is. `notes` are counted too: what became of its parts. */
export interface Accepted {
  readonly kind: "accepted";
  readonly notes?: readonly string[];
}

/** The parser threw the error that it promises; the text without its numbers tells the classes of reasons apart. */
export interface Refused {
  readonly kind: "refused";
  readonly reason: string;
  readonly notes?: readonly string[];
}

/** Anything else: another error, or two readers that disagree. */
export interface Fault {
  readonly kind: "finding";
  readonly what: string;
  readonly detail: string;
}

/** Texts that differ in numbers and quoted names only are one class. */
export function reasonClass(text: string): string {
  return text
    .replaceAll(/\b(col|column|element) \S+/g, "$1 ...")
    .replaceAll(/0x[0-9a-f]+/g, "N")
    .replaceAll(/-?\d+(\.\d+)?(e\+?\d+)?/g, "N")
    .replaceAll(/[^\x20-\x7e]+/g, "?")
    .slice(0, 100);
}

/** An error that nobody promised, with the place that threw it: what a finding is recognised by. */
export function unexpected(error: unknown, during: string): Fault {
  if (!(error instanceof Error))
    return { kind: "finding", what: `${during}: not an Error`, detail: String(error) };
  const place = /\(?(?:file:\/\/)?\/[^\s)]*?((?:src|assembly|test)\/[^\s):]+):(\d+)/.exec(error.stack ?? "");
  const where = place === null ? "" : ` at ${place[1]}:${place[2]}`;
  return {
    kind: "finding",
    what: `${during}: ${error.name}: ${reasonClass(error.message)}${where}`,
    detail: error.stack ?? error.message,
  };
}
