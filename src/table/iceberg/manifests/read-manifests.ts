import { SourceMissingError, TableError } from "../../../model/index.ts";
import type { ObjectStore } from "../../../storage/object-store.ts";
import type { IcebergSnapshotEntry } from "../metadata/index.ts";
import { readObject } from "../read-object.ts";
import { type EntryPlace, type Manifest, parseManifestInTurns } from "./manifest.ts";
import type { ManifestCache } from "./manifest-cache.ts";
import { embeddedManifests, type ManifestRef, parseManifestList } from "./manifest-list.ts";

/** Where a snapshot's manifests come from. */
export interface ManifestSource {
  readonly store: ObjectStore;
  readonly cache: ManifestCache;
  /**
   * Goes before the path in the cache's keys: the same path is another object behind another endpoint, and a manifest must not
   * reach a table of someone else that merely names it.
   */
  readonly scope: string;
}

/** A manifest with those of its live entries that are wanted, in file order. */
export interface ManifestEntries {
  readonly ref: ManifestRef;
  readonly manifest: Manifest;
  readonly entries: readonly EntryPlace[];
}

/** Manifests read at once: enough to hide a store's latency, few enough to bound memory. */
const MAX_PARALLEL_READS = 8;

/**
 * Live entries of the snapshot's manifests: data manifests first, then delete manifests, each in list order (04 §5: the
 * reference's order is undefined). With `only`, entries of those paths; reading stops once every path has been found, so
 * that manifests which can't hold a planned file any more are never opened. A path is taken once (04 §6).
 */
export async function* liveEntries(
  snapshot: IcebergSnapshotEntry,
  source: ManifestSource,
  options: { readonly only?: ReadonlySet<string>; readonly signal: AbortSignal },
): AsyncIterable<ManifestEntries> {
  const refs = await snapshotManifests(snapshot, source, options.signal);
  const { only } = options;
  const seen = new Set<string>();
  // Reads that nobody waits for any more, once every path is found or one has failed.
  const ahead = new AbortController();
  const signal = AbortSignal.any([options.signal, ahead.signal]);
  const reads: Promise<Manifest>[] = [];
  let started = 0;
  // Planned files tend to lie in one manifest: reads ahead begin with one and double with each that did not complete the search.
  let parallelReads = only === undefined ? MAX_PARALLEL_READS : 1;
  try {
    for (const ref of refs) {
      if (only !== undefined && seen.size === only.size) return;
      while (started < refs.length && reads.length < parallelReads) {
        const next = refs[started++];
        if (next === undefined) break;
        const read = readManifest(next.path, source, signal);
        read.catch(() => {}); // Reported where it is awaited, if it ever is.
        reads.push(read);
      }
      const manifest = await reads.shift();
      if (manifest === undefined) return;
      parallelReads = Math.min(MAX_PARALLEL_READS, parallelReads * 2);
      const entries = manifest.entries.filter(({ path }) => {
        if ((only !== undefined && !only.has(path)) || seen.has(path)) return false;
        seen.add(path);
        return true;
      });
      if (entries.length > 0) yield { ref, manifest, entries };
    }
  } finally {
    ahead.abort();
  }
}

/** The snapshot's non-empty manifests in the order in which they are read. */
async function snapshotManifests(
  snapshot: IcebergSnapshotEntry,
  source: ManifestSource,
  signal: AbortSignal,
): Promise<ManifestRef[]> {
  const { manifests } = snapshot;
  const all =
    "listedIn" in manifests
      ? parseManifestList(await readPart(source.store, manifests.listedIn, signal), manifests.listedIn)
      : embeddedManifests(manifests.paths);
  const live = all.filter((ref) => !ref.empty);
  return [
    ...live.filter((ref) => ref.content === "data"),
    ...live.filter((ref) => ref.content === "deletes"),
  ];
}

function readManifest(path: string, source: ManifestSource, signal: AbortSignal): Promise<Manifest> {
  if (!path.endsWith(".avro")) {
    const text = `Unable to determine format of manifest: ${path}`;
    return Promise.reject(new TableError(text, { referenceType: "IllegalArgumentException" }));
  }
  const load = async (shared: AbortSignal) =>
    await parseManifestInTurns(await readPart(source.store, path, shared), path);
  return source.cache.get(`${source.scope} ${path}`, load, signal);
}

/**
 * A manifest (list) that is gone belongs to a snapshot that was expired and cleaned up: an ordinary failure, unlike a missing
 * table (04 §18).
 */
async function readPart(store: ObjectStore, path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readObject(store, path, signal);
  } catch (cause) {
    if (!(cause instanceof SourceMissingError)) throw cause;
    throw new TableError(`Location does not exist: ${path}`, { cause, referenceType: "NotFoundException" });
  }
}
