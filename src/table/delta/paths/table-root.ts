import { TableError } from "../../../model/index.ts";
import { isLocalPath, toFileSystemPath, toPlannedPath } from "../../../storage/index.ts";

/**
 * A table root in the one form that planned paths are made of (05 §3.4): `s3a://` is rewritten, repeated slashes collapse, a
 * trailing one is dropped, nothing is percent-decoded. Local roots get their `file://` form (decision 38); whether they may
 * be read is the store's matter, as it is for the stores that `capture` alone reads: a worker's has none of them and refuses them
 * in the words of 05 §3.4.
 */
export interface TableRoot {
  readonly scheme: string;
  /** Empty for local files. */
  readonly authority: string;
  /** Literal path with a leading slash, or empty. */
  readonly path: string;
  readonly text: string;
}

export function parseTableRoot(root: string): TableRoot {
  if (isLocalPath(root)) {
    const path = collapseSlashes(toFileSystemPath(root));
    return { scheme: "file", authority: "", path, text: toPlannedPath(path) };
  }
  const match = /^(s3a?|gs|abfss?|wasbs?):\/\/([^/]+)(\/.*)?$/s.exec(root);
  if (match === null) throw new TableError(`Unsupported file system path: ${root}`);
  const scheme = match[1] === "s3a" ? "s3" : (match[1] ?? "");
  const authority = match[2] ?? "";
  const path = collapseSlashes(match[3] ?? "");
  return { scheme, authority, path, text: `${scheme}://${authority}${path}` };
}

/** Repeated slashes become one, and the last one goes. */
export function collapseSlashes(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}
