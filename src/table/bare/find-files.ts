import { SourceMissingError, UnreadableFileError } from "../../model/index.ts";
import {
  isLocalPath,
  type ObjectInfo,
  type ObjectStore,
  toFileSystemPath,
  toPlannedPath,
} from "../../storage/index.ts";
import { parseGlob } from "./glob.ts";

/** A Parquet file that a location stands for. */
export interface FoundFile {
  /** Planned path (decision 38). */
  readonly path: string;
  readonly sizeBytes: number;
  /** Below the folder that was asked for; its folders can be partitions. */
  readonly relativePath: string;
}

/**
 * The Parquet files of a location: a single file whatever its name; a folder, searched recursively, names that begin with `_`
 * or `.` left out; or a glob. In UTF-8 byte order of their paths.
 */
export async function findParquetFiles(
  store: ObjectStore,
  location: string,
  options: { readonly signal: AbortSignal },
): Promise<FoundFile[]> {
  const text = isLocalPath(location) ? toPlannedPath(toFileSystemPath(location)) : location;
  const single = text.endsWith("/") ? undefined : await singleFile(store, text, options);
  if (single !== undefined) return [single];
  const folder = text.endsWith("/") ? text : `${text}/`;
  const inFolder = await collect(store, folder, (path) => path.slice(folder.length), options);
  if (inFolder.length > 0) return inFolder;
  const glob = parseGlob(text);
  if (glob === undefined) return [];
  // Wildcards don't reach hidden names, unless the pattern itself spells one.
  const spellsHidden = /(?:^|\/)[_.]/.test(text.slice(glob.base.length));
  const restOf = (path: string) =>
    spellsHidden || isVisible(path.slice(glob.base.length)) ? glob.matchRest(path) : undefined;
  return await collect(store, glob.base, restOf, options);
}

async function singleFile(
  store: ObjectStore,
  path: string,
  options: { readonly signal: AbortSignal },
): Promise<FoundFile | undefined> {
  try {
    await using file = await store.open(path, options);
    return { path, sizeBytes: file.size, relativePath: path.slice(path.lastIndexOf("/") + 1) };
  } catch (error) {
    // Nothing by that name, or a folder.
    if (error instanceof SourceMissingError || error instanceof UnreadableFileError) return undefined;
    throw error;
  }
}

/** `restOf` gives what of a path must be visible and name a Parquet file; `""` accepts it whatever its name. */
async function collect(
  store: ObjectStore,
  folder: string,
  restOf: (path: string) => string | undefined,
  options: { readonly signal: AbortSignal },
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for await (const info of store.list(folder, { recursive: true, signal: options.signal })) {
    const rest = restOf(info.path);
    if (rest === undefined || !(rest === "" || isVisible(rest))) continue;
    if (rest !== "" && !(await isParquet(store, info, options))) continue;
    found.push({ path: info.path, sizeBytes: info.size, relativePath: info.path.slice(folder.length) });
  }
  return found;
}

function isVisible(relativePath: string): boolean {
  return relativePath.split("/").every((name) => !/^[_.]/.test(name));
}

/** By suffix (06 §2.1); a name without any by its magic at both ends, as decision 10 has it. */
async function isParquet(
  store: ObjectStore,
  info: ObjectInfo,
  options: { readonly signal: AbortSignal },
): Promise<boolean> {
  const name = info.path.slice(info.path.lastIndexOf("/") + 1).toLowerCase();
  if (name.endsWith(".parquet") || name.endsWith(".parq")) return true;
  if (name.includes(".") || info.size < 12) return false;
  await using file = await store.open(info.path, options);
  const [head, tail] = await Promise.all([file.read(0, 4, options), file.read(file.size - 4, 4, options)]);
  return [head, tail].every((bytes) => Buffer.from(bytes).toString("latin1") === "PAR1");
}
