import { TableError } from "../../../model/index.ts";
import { isLocalPath, toFileSystemPath, toPlannedPath } from "../../../storage/index.ts";

/**
 * A table root in the one form that planned paths are made of (05 §3.4): `s3a://` is rewritten, repeated slashes collapse, a
 * trailing one is dropped, nothing is percent-decoded. Local roots get their `file://` form (decision 38); whether they may
 * be read is the store's matter.
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
  const match = /^s3a?:\/\/([^/]+)(\/.*)?$/s.exec(root);
  if (match === null) throw new TableError(`Unsupported file system path: ${root}`);
  const authority = match[1] ?? "";
  const path = collapseSlashes(match[2] ?? "");
  return { scheme: "s3", authority, path, text: `s3://${authority}${path}` };
}

/** Repeated slashes become one, and the last one goes. */
export function collapseSlashes(path: string): string {
  return path.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}
