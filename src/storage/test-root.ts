import { join, resolve, sep } from "node:path";
import { AccessDeniedError, TableError } from "../model/index.ts";
import { localStore } from "./local/index.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * The test directories of 08 §5.5 (`fs.floecat.test-root`): `s3://bucket/key` is the file `<root>/bucket/key`. The key is
 * taken literally, as everywhere else (08 §5.2); a path that leaves its bucket is refused, which the reference doesn't do
 * for data files.
 */
export function testRootStore(
  root: string,
  options: { readonly inPlace?: boolean | undefined } = {},
): ObjectStore {
  const absoluteRoot = resolve(root);
  const toFileSystem = (path: string) => testRootPath(absoluteRoot, path);
  return localStore({ root: absoluteRoot, toFileSystem, inPlace: options.inPlace });
}

/** Where in the test directory an object lies. */
export function testRootPath(root: string, path: string): string {
  const match = /^s3a?:\/\/([^/]*)(?:\/(.*))?$/s.exec(path);
  if (match === null) throw new TableError(`Only s3:// URIs are supported: ${path}`);
  const bucket = match[1] ?? "";
  const key = match[2] ?? "";
  const bucketFolder = join(root, bucket);
  const mapped = join(bucketFolder, key);
  const escapes = mapped !== bucketFolder && !mapped.startsWith(bucketFolder + sep);
  if (bucket === "" || bucket === "." || bucket === ".." || escapes || path.includes("\0")) {
    throw new AccessDeniedError(`Path traversal detected in s3 URI: ${JSON.stringify(path)}`);
  }
  return mapped;
}
