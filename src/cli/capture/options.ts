import { z } from "zod";
import type { CaptureOutput, CapturePolicy } from "../../model/index.ts";
import { catalogShape, strayCatalogFlag } from "../catalog/options.ts";
import { byteSize, wholeNumber } from "../options.ts";
import { STATS_FORMATS, type StatsFormat } from "../stats-table/writer.ts";

const OUTPUTS: readonly CaptureOutput[] = ["table", "file", "column", "page-index"];

/** `--snapshot`: a version or id, or `latest`. */
export const snapshotChoice = z
  .string()
  .regex(/^(latest|-?\d{1,19})$/, "a version, a snapshot id or `latest` is needed")
  .transform((text) => (text === "latest" ? ("latest" as const) : BigInt(text)));

/** `--outputs`: names separated by commas. */
export const outputList = z.string().transform((list, context) => {
  const chosen = new Set<CaptureOutput>();
  for (const name of list.split(",").map((part) => part.trim())) {
    const output = OUTPUTS.find((candidate) => candidate === name);
    if (output === undefined) {
      context.addIssue({
        code: "custom",
        message: `${name === "" ? "an empty name" : name} is not an output; choose of ${OUTPUTS.join(", ")}`,
      });
      return z.NEVER;
    }
    chosen.add(output);
  }
  return chosen;
});

/** `--stats-format`: tables beside `stats.ndjson`, separated by commas. */
const statsFormats = z
  .string()
  .default("ndjson")
  .transform((list, context) => {
    const chosen = new Set<StatsFormat>();
    for (const name of list.split(",").map((part) => part.trim())) {
      if (name === "ndjson") continue;
      const format = STATS_FORMATS.find((candidate) => candidate === name);
      if (format === undefined) {
        context.addIssue({
          code: "custom",
          message: `${name === "" ? "an empty name" : name} is not a format; choose of ndjson, ${STATS_FORMATS.join(", ")}`,
        });
        return z.NEVER;
      }
      chosen.add(format);
    }
    return chosen;
  });

const options = z.object({
  format: z.enum(["auto", "parquet", "delta", "iceberg"]),
  snapshot: snapshotChoice,
  outputs: outputList,
  ndv: z.boolean(),
  columns: z.array(z.string()),
  wire: z.enum(["chunked", "inline"]),
  statsFormat: statsFormats,
  out: z.string().min(1, "a folder is needed"),
  force: z.boolean(),
  resume: z.boolean(),
  threads: wholeNumber(1).optional(),
  maxMemory: byteSize().optional(),
  crc: z.enum(["error", "warn", "off"]),
  testRoot: z.string().optional(),
  json: z.boolean(),
  ...catalogShape,
});

/** Distinct values stand in the columns of FILE records, or, in inline, in COLUMN records alone (07 §6.7). */
export const captureOptions = options.superRefine((given, context) => {
  const stray = strayCatalogFlag(given);
  if (stray !== undefined) {
    context.addIssue({
      code: "custom",
      path: [stray.slice(2)],
      message: "means something beside --catalog alone",
    });
  }
  const { ndv, outputs, wire } = given;
  const stats: readonly CaptureOutput[] = wire === "inline" ? ["column"] : ["table", "file", "column"];
  if (!ndv || stats.some((output) => outputs.has(output))) return;
  context.addIssue({
    code: "custom",
    path: ["ndv"],
    message:
      wire === "inline"
        ? "with --wire inline distinct values stand in COLUMN records alone; add column to --outputs"
        : "distinct values stand in statistics records; add file or column to --outputs",
  });
});
export type CaptureOptions = z.infer<typeof captureOptions>;

/** The policy that the options ask for: every column unless some are named; a named one counts for statistics and index. */
export function policyOf(options: CaptureOptions): CapturePolicy {
  return {
    columns: options.columns.map((selector) => ({ selector, captureStats: true, captureIndex: true })),
    outputs: options.outputs,
    defaultColumnScope: "all",
    maxDefaultColumns: 32,
    properties: {},
  };
}
