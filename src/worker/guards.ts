/**
 * What a payload must have before it is captured (03 §8, §9.1). Where the reference answers a hollow payload with an empty
 * success, decision 7 has the job fail for good with a text that says what is missing.
 */
import type { FileGroup, SourceConnector } from "../model/index.ts";

export type GroupVerdict =
  /** Capture it. */
  | { readonly kind: "capture" }
  /** No output is asked for: an empty success. */
  | { readonly kind: "nothing-asked" }
  /** It can never succeed. */
  | { readonly kind: "hopeless"; readonly message: string };

export function judgeGroup(group: FileGroup): GroupVerdict {
  if (group.filePaths.length === 0) {
    return { kind: "hopeless", message: "planned file group does not contain any file handles" };
  }
  const duplicate = firstDuplicate(group.filePaths);
  if (duplicate !== undefined) {
    // One result per planned path is demanded, so no submission could ever cover such a plan (02 §5.4).
    return hopeless(group, `plans the same file twice: ${duplicate}`);
  }
  if (group.policy.outputs.size === 0) return { kind: "nothing-asked" };
  if (group.tableId.id.trim() === "") return hopeless(group, "names no table id");
  if (isEmptyConnector(group.connector)) return hopeless(group, "comes without a source connector");
  if (group.snapshotId < 0n) return hopeless(group, `names no snapshot (id ${group.snapshotId})`);
  if (group.sourceNamespace.trim() === "") return hopeless(group, "names no source namespace");
  if (group.sourceTable.trim() === "") return hopeless(group, "names no source table");
  return { kind: "capture" };
}

function hopeless(group: FileGroup, what: string): GroupVerdict {
  return { kind: "hopeless", message: `file group ${group.groupId} ${what}; it can't be captured` };
}

function firstDuplicate(paths: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const path of paths) {
    if (seen.has(path)) return path;
    seen.add(path);
  }
  return undefined;
}

/** Absent, or equal to an empty message (03 §9.1). */
function isEmptyConnector(connector: SourceConnector): boolean {
  return (
    connector.resourceId === undefined &&
    connector.kind === "unspecified" &&
    connector.uri === "" &&
    Object.keys(connector.properties).length === 0 &&
    connector.auth.scheme === "" &&
    Object.keys(connector.auth.properties).length === 0
  );
}
