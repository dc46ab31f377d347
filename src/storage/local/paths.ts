import { realpath } from "node:fs/promises";
import { isAbsolute, sep } from "node:path";
import { AccessDeniedError, TableError } from "../../model/index.ts";
import { fileSystemError } from "./errors.ts";

/**
 * Local files are named by `file://` followed by the absolute path, taken literally: no percent-decoding, no query, no
 * fragment (decision 38). A plain absolute path names the same file.
 */
const FILE_SCHEME = "file://";

export function isLocalPath(path: string): boolean {
  return path.startsWith(FILE_SCHEME) || isAbsolute(path);
}

/** The path in the file system. */
export function toFileSystemPath(path: string): string {
  const plain = path.startsWith(FILE_SCHEME) ? path.slice(FILE_SCHEME.length) : path;
  if (!isAbsolute(plain)) {
    throw new TableError(`${path} is not a local path: after file:// an absolute path must follow`);
  }
  if (plain.includes("\0")) throw new TableError(`${JSON.stringify(path)} holds a NUL character`);
  return plain;
}

/** The name that plans and records use for a file of the file system. */
export function toPlannedPath(fileSystemPath: string): string {
  return FILE_SCHEME + fileSystemPath;
}

/**
 * The real path behind `path`, if it lies in `root` once every symbolic link of both is resolved; `AccessDeniedError`
 * otherwise. `named` is what messages call the file.
 */
export async function resolveBelow(root: string, path: string, named: string = path): Promise<string> {
  const [realRoot, realPath] = await Promise.all([realPathOf(root, root), realPathOf(path, named)]);
  const prefix = realRoot.endsWith(sep) ? realRoot : realRoot + sep;
  if (realPath !== realRoot && !realPath.startsWith(prefix)) {
    throw new AccessDeniedError(
      `${named} lies outside ${root}, the only folder from which local files are read`,
    );
  }
  return realPath;
}

async function realPathOf(path: string, named: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw fileSystemError(error, named, "resolve");
  }
}
