import type { Generation, SourceConnector } from "../model/index.ts";
import { DEFAULT_NOMINAL_ENTRIES } from "../sketch/index.ts";
import { icebergNdvOptions, icebergSource } from "../table/index.ts";
import { javaNumberSyntax, javaTrim } from "../types/index.ts";

/** NDV as a connector asks for it (07 §6.1). */
export interface DistinctSettings {
  /** Nominal entries of the theta sketches. */
  readonly k: number;
  readonly fraction: number;
  /** 0: no limit. */
  readonly maxFiles: number;
  /** Files without a Parquet suffix are not scanned, whatever the metadata calls them (07 §6.1: Iceberg). */
  readonly suffixedOnly: boolean;
}

/** The options of the connector; undefined if distinct values are not wanted, or the generation has no place for them. */
export function distinctSettings(
  connector: SourceConnector,
  generation: Generation,
): DistinctSettings | undefined {
  if (generation === "inline") return undefined;
  const { properties } = connector;
  if (connector.kind === "iceberg") {
    const options = icebergNdvOptions(properties, icebergSource(properties), generation);
    return options.enabled
      ? {
          k: options.thetaK,
          fraction: options.sampleFraction,
          maxFiles: options.maxFiles,
          suffixedOnly: true,
        }
      : undefined;
  }
  // Delta takes `true` alone, in any case (07 §6.1).
  if ((properties["stats.ndv.enabled"] ?? "").toLowerCase() !== "true") return undefined;
  return {
    k: DEFAULT_NOMINAL_ENTRIES,
    fraction: fractionOf(properties["stats.ndv.sample_fraction"]),
    maxFiles: maxFilesOf(properties["stats.ndv.max_files"]),
    suffixedOnly: false,
  };
}

function fractionOf(text: string | undefined): number {
  if (text === undefined || !javaNumberSyntax(text)) return 1;
  const fraction = Number.parseFloat(javaTrim(text));
  return fraction > 0 && fraction <= 1 ? fraction : 1;
}

function maxFilesOf(text: string | undefined): number {
  if (text === undefined || !/^[+-]?\d{1,10}$/.test(text)) return 0;
  const limit = Number(text);
  return limit > 0 && limit < 2 ** 31 ? limit : 0;
}
