import { gunzipSync } from "node:zlib";
import { type Generation, SourceMissingError, TableError } from "../../model/index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import { isJavaBlank, javaTrim } from "../../types/index.ts";
import { parseTableMetadata, type TableMetadata } from "./metadata/index.ts";
import type { ConnectorOptions } from "./options.ts";
import { MAX_OBJECT_BYTES, readObject } from "./read-object.ts";

/** The filesystem loader of one table (04 §3.7): which metadata file is read, and how. */
export interface MetadataFile {
  readonly location: string;
  readonly metadata: TableMetadata;
  /** The file is gzip: its Puffin statistics then count as absent (04 §12.2). */
  readonly compressed: boolean;
}

const SUFFIX = ".metadata.json";

/** Where the table's metadata is: the uri itself, the `metadata-location` option (chunked), or the newest one listed. */
export async function locateMetadata(table: {
  readonly store: ObjectStore;
  readonly uri: string;
  readonly properties: ConnectorOptions;
  readonly generation: Generation;
  readonly signal: AbortSignal;
}): Promise<string> {
  const uri = javaTrim(table.uri);
  if (uri.endsWith(".json")) return uri;
  const option = javaTrim(table.properties["metadata-location"] ?? "");
  if (table.generation === "chunked" && !isJavaBlank(option) && option.endsWith(".json")) return option;
  const base = uri.endsWith("/") ? uri.slice(0, -1) : uri;
  const [newest] = await listMetadata(table.store, `${base}/metadata/`, table.signal);
  if (newest === undefined) {
    throw new TableError(`No Iceberg metadata files found under ${base}/metadata for location ${base}`, {
      referenceType: "IllegalArgumentException",
    });
  }
  return newest;
}

/**
 * Metadata files directly in `folder`, the highest version first, in listing order among equals. Hadoop's `v3.metadata.json`
 * and names without a number have no version and are left out. With a slash at its end, unlike the reference's prefix:
 * `metadata-old/` doesn't compete (may improve).
 */
export async function listMetadata(
  store: ObjectStore,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const candidates: { path: string; version: number }[] = [];
  for await (const { path } of store.list(folder, { recursive: false, signal })) {
    const version = path.endsWith(SUFFIX)
      ? metadataVersion(path.slice(path.lastIndexOf("/") + 1))
      : undefined;
    if (version !== undefined) candidates.push({ path, version });
  }
  return candidates.sort((a, b) => b.version - a.version).map(({ path }) => path);
}

/** The integer before the first `-`. */
function metadataVersion(fileName: string): number | undefined {
  const digits = /^\+?(\d+)-/.exec(fileName)?.[1];
  const version = Number(digits);
  return digits !== undefined && version < 2 ** 31 ? version : undefined;
}

/** Reads and parses one metadata file. A missing one is a missing table (04 §18). */
export async function readMetadata(
  store: ObjectStore,
  location: string,
  signal: AbortSignal,
): Promise<MetadataFile> {
  const name = location.slice(location.lastIndexOf("/") + 1);
  if (!name.includes(SUFFIX)) {
    throw new TableError(`${location} is not a valid metadata file`, {
      referenceType: "IllegalArgumentException",
    });
  }
  const compressed = isCompressed(location);
  const bytes = await readStored(store, location, signal);
  const text = new TextDecoder().decode(compressed ? gunzip(bytes, location) : bytes);
  return { location, metadata: parseTableMetadata(text, location), compressed };
}

/** By the name alone (04 §3.7): `.metadata.json.gz`, or `.gz` in front of `.metadata.json`. */
export function isCompressed(location: string): boolean {
  const name = location.slice(location.lastIndexOf("/") + 1);
  const stem = name.slice(0, Math.max(0, name.lastIndexOf(SUFFIX)));
  return name.endsWith(`${SUFFIX}.gz`) || stem.endsWith(".gz");
}

async function readStored(store: ObjectStore, location: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readObject(store, location, signal);
  } catch (cause) {
    if (cause instanceof SourceMissingError) {
      throw new SourceMissingError(`Location does not exist: ${location}`, { cause });
    }
    throw cause;
  }
}

function gunzip(bytes: Uint8Array, location: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_OBJECT_BYTES });
  } catch (cause) {
    throw new TableError(`Cannot decompress the Iceberg metadata file ${location}`, { cause });
  }
}
