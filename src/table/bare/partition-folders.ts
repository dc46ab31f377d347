import { type PartitionValue, partitionDataJson } from "../partition-json.ts";

/** How Hive names the folder of a null. */
const HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";

/**
 * Partition values of a file below the folder that was asked for: each `key=value` folder on the way, percent-decoded, in
 * folder order, in the text form of Delta's (decision 37, 05 §9.1).
 */
export function folderPartitionJson(relativePath: string): string {
  const values: PartitionValue[] = [];
  for (const folder of relativePath.split("/").slice(0, -1)) {
    const equals = folder.indexOf("=");
    if (equals <= 0) continue;
    const value = folder.slice(equals + 1);
    values.push({
      key: decode(folder.slice(0, equals)),
      value: value === HIVE_NULL ? null : decode(value),
    });
  }
  return partitionDataJson(values);
}

/** A folder name that isn't escaped UTF-8 stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
