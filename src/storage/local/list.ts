import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { SourceMissingError } from "../../model/index.ts";
import type { ObjectInfo } from "../object-store.ts";
import { fileSystemError } from "./errors.ts";

export interface FolderListing {
  /** Folder in the file system, ending in `/`. */
  readonly folder: string;
  /** What stands in front of the relative name in the answers: the prefix as the caller wrote it. */
  readonly prefix: string;
  readonly recursive: boolean;
  readonly startAfter: string | undefined;
  /** Called with the real path of every symbolic link met: throws if it may not be followed. */
  readonly checkLink: (realPath: string, named: string) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Child {
  readonly name: string;
  /** File name, or folder name with the `/` that follows it in full paths: sorting these sorts the full paths. */
  readonly sortKey: Buffer;
  readonly isFolder: boolean;
}

/**
 * The regular files of a folder in UTF-8 byte order of their full path. Symbolic links are followed; a link back to a folder
 * on the way down is left out, so a cycle ends. A folder that doesn't exist is empty, as it is in an object store.
 */
export async function* listFolder(listing: FolderListing): AsyncGenerator<ObjectInfo> {
  yield* walk(listing, listing.folder, listing.prefix, []);
}

async function* walk(
  listing: FolderListing,
  folder: string,
  prefix: string,
  ancestors: readonly string[],
): AsyncGenerator<ObjectInfo> {
  listing.signal.throwIfAborted();
  const real = await orMissing(realpath(folder), prefix, "resolve");
  if (real === undefined || ancestors.includes(real)) return;
  const entries = await orMissing(readdir(folder, { withFileTypes: true }), prefix, "list");
  if (entries === undefined) return;
  const children = await childrenOf(listing, folder, prefix, entries);
  for (const child of children) {
    listing.signal.throwIfAborted();
    const path = prefix + child.name;
    if (child.isFolder) {
      if (listing.recursive && !endsBefore(`${path}/`, listing.startAfter)) {
        yield* walk(listing, `${folder}${child.name}/`, `${path}/`, [...ancestors, real]);
      }
    } else if (listing.startAfter === undefined || compareUtf8(path, listing.startAfter) > 0) {
      const info = await orMissing(stat(folder + child.name), path, "stat");
      if (info?.isFile()) yield { path, size: info.size, lastModifiedMs: Math.trunc(info.mtimeMs) };
    }
  }
}

async function childrenOf(
  listing: FolderListing,
  folder: string,
  prefix: string,
  entries: readonly Dirent[],
): Promise<Child[]> {
  const children: Child[] = [];
  for (const entry of entries) {
    let isFolder = entry.isDirectory();
    if (entry.isSymbolicLink()) {
      const target = await orMissing(realpath(folder + entry.name), prefix + entry.name, "resolve");
      if (target === undefined) continue;
      await listing.checkLink(target, prefix + entry.name);
      isFolder = (await orMissing(stat(target), prefix + entry.name, "stat"))?.isDirectory() ?? false;
    }
    const sortKey = Buffer.from(isFolder ? `${entry.name}/` : entry.name);
    children.push({ name: entry.name, sortKey, isFolder });
  }
  return children.sort((a, b) => Buffer.compare(a.sortKey, b.sortKey));
}

/** True if every path in this folder comes at or before `startAfter`. */
function endsBefore(folder: string, startAfter: string | undefined): boolean {
  return startAfter !== undefined && !startAfter.startsWith(folder) && compareUtf8(folder, startAfter) < 0;
}

export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** `undefined` for what has vanished, or was never there. */
async function orMissing<T>(call: Promise<T>, named: string, action: string): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const typed = fileSystemError(error, named, action);
    if (typed instanceof SourceMissingError) return undefined;
    throw typed;
  }
}
