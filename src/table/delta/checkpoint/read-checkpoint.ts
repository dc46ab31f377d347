import { setImmediate as nextTurn } from "node:timers/promises";
import { type FileMetadata, readFooter } from "../../../parquet/index.ts";
import type { ObjectHandle, ObjectStore } from "../../../storage/index.ts";
import { type Checkpoint, readActions } from "../log/index.ts";
import { absoluteFilePath, parseTableRoot } from "../paths/index.ts";
import { sidecarPathLeaf } from "./action-leaves.ts";
import { type AddVisitor, type AddWindow, type FoundAdd, readAdds, type Selection } from "./read-adds.ts";
import { type Head, readHead } from "./read-head.ts";
import { readWindows, textOf } from "./read-leaves.ts";

export interface CheckpointSource {
  readonly store: ObjectStore;
  /** `<root>/_delta_log` (05 §3.4). */
  readonly log: string;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
}

/** The checkpoint's protocol and metadata; needed only if no commit after it has them (05 §4.2). */
export async function readCheckpointHead(source: CheckpointSource): Promise<Head> {
  let protocol: Head["protocol"];
  let metadata: Head["metadata"];
  for (const { file } of source.checkpoint.files) {
    if (protocol !== undefined && metadata !== undefined) break;
    if (isJson(file.path)) {
      for await (const action of readActions(source.store, file.path, source)) {
        if (action.kind === "protocol") protocol ??= action.protocol;
        if (action.kind === "metadata") metadata ??= action.metadata;
      }
      continue;
    }
    await using opened = await openParquet(source, file.path);
    const head = await readHead(opened.handle, opened.footer, source.signal);
    protocol ??= head.protocol;
    metadata ??= head.metadata;
  }
  return { protocol, metadata };
}

/**
 * The selected add actions of a checkpoint in the reference's order (05 §4.3): parts in descending order; adds of a manifest,
 * then its sidecars in the order of the manifest, of which no statistics are read (05 §7.2 rule 1).
 */
export async function* readCheckpointAdds<Selected extends Selection>(
  source: CheckpointSource,
  visitor: AddVisitor<Selected>,
): AsyncGenerator<AddWindow<Selected>> {
  const { checkpoint, signal } = source;
  const withoutStats = { ...visitor, columns: undefined };
  let files = 0;
  for (const { file } of checkpoint.files.toReversed()) {
    const sidecars: string[] = [];
    const ordinal = files++;
    if (isJson(file.path)) {
      yield* readJsonAdds(source, file.path, { visitor, file: ordinal, sidecars });
    } else {
      await using opened = await openParquet(source, file.path);
      const { handle, footer } = opened;
      yield* readAdds(handle, footer, { visitor, file: ordinal, signal });
      sidecars.push(...(await readSidecarPaths(handle, footer, signal)));
    }
    for (const sidecar of sidecars) {
      const place = { file: files++ };
      if (visitor.wantsFile !== undefined && !visitor.wantsFile(place.file)) continue;
      await using opened = await openParquet(source, sidecarPath(source.log, sidecar));
      yield* readAdds(opened.handle, opened.footer, { visitor: withoutStats, ...place, signal });
    }
  }
}

/** Lines of a JSON manifest that are looked at between two turns of the event loop. */
const LINES_AT_ONCE = 256;

/** A manifest is read whole, whatever of it is wanted: it names the sidecars. */
async function* readJsonAdds<Selected extends Selection>(
  source: CheckpointSource,
  path: string,
  into: { readonly visitor: AddVisitor<Selected>; readonly file: number; readonly sidecars: string[] },
): AsyncGenerator<AddWindow<Selected>> {
  const place = { file: into.file, rowGroup: 0 };
  let adds: FoundAdd<Selected>[] = [];
  let lines = 0;
  for await (const action of readActions(source.store, path, source)) {
    if (action.kind === "sidecar") into.sidecars.push(action.path);
    if (action.kind === "add") {
      const selected = into.visitor.select(action.add.path, action.add.deletionVector, place);
      if (selected !== undefined) adds.push({ selected, add: action.add, stats: undefined });
    }
    if (++lines % LINES_AT_ONCE !== 0) continue;
    yield { adds, progress: 1 };
    adds = [];
    await nextTurn();
  }
  yield { adds, progress: 1 };
}

async function readSidecarPaths(
  handle: ObjectHandle,
  footer: FileMetadata,
  signal: AbortSignal,
): Promise<string[]> {
  const leaf = sidecarPathLeaf(footer);
  const paths: string[] = [];
  if (leaf === undefined) return paths;
  for await (const { rowCount, windows } of readWindows(handle, footer, [leaf], signal)) {
    for (let row = 0; row < rowCount; row++) {
      const path = textOf(windows(leaf), row);
      if (path !== undefined) paths.push(path);
    }
  }
  return paths;
}

/** A URI reference like `add.path`, relative to the folder of sidecars. */
function sidecarPath(log: string, path: string): string {
  return absoluteFilePath(parseTableRoot(`${log}/_sidecars`), path);
}

function isJson(path: string): boolean {
  return path.endsWith(".json");
}

interface OpenedParquet extends AsyncDisposable {
  readonly handle: ObjectHandle;
  readonly footer: FileMetadata;
}

async function openParquet({ store, signal }: CheckpointSource, path: string): Promise<OpenedParquet> {
  const handle = await store.open(path, { signal });
  const close = async () => await handle[Symbol.asyncDispose]();
  try {
    return { handle, footer: await readFooter(handle, { signal }), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
