import { javaNumberSyntax } from "../types/index.ts";

export interface PartitionValue {
  readonly key: string;
  readonly value: string | null;
}

/**
 * The text of `partition_data_json` (05 §9.1), byte for byte the reference's: readers compare it (decision 35). It isn't
 * always JSON: whatever Java takes for a floating-point number stands bare, and control characters aren't escaped.
 */
export function partitionDataJson(values: readonly PartitionValue[]): string {
  const unique = new Map<string, string | null>();
  for (const { key, value } of values) unique.set(key, value);
  const entries = [...unique].map(([key, value]) => `{"id":${quoted(key)},"value":${valueText(value)}}`);
  return `{"partitionValues":[${entries.join(",")}]}`;
}

function valueText(value: string | null): string {
  if (value === null) return "null";
  const lower = value.toLowerCase();
  if (lower === "true" || lower === "false") return lower;
  return javaNumberSyntax(value) ? value : quoted(value);
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
