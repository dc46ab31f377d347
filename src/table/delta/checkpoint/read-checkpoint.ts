import { type FileMetadata, readFooter } from "../../../parquet/index.ts";
import type { ObjectHandle, ObjectStore } from "../../../storage/index.ts";
import type { SnapshotColumn } from "../../snapshot.ts";
import { type Action, type Checkpoint, readActions } from "../log/index.ts";
import { absoluteFilePath, parseTableRoot } from "../paths/index.ts";
import { sidecarPathLeaf } from "./action-leaves.ts";
import { type AddVisitor, readAdds } from "./read-adds.ts";
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
    await withParquet(source, file.path, async (handle, footer) => {
      const head = await readHead(handle, footer, source.signal);
      protocol ??= head.protocol;
      metadata ??= head.metadata;
    });
  }
  return { protocol, metadata };
}

/**
 * Shows every add action of a checkpoint to the visitor in the reference's order (05 §4.3): parts in descending order; adds of
 * a manifest, then its sidecars in the order of the manifest. False if the checkpoint's statistics can't be used.
 */
export async function readCheckpointAdds(
  source: CheckpointSource,
  options: { readonly visitor: AddVisitor; readonly columns: readonly SnapshotColumn[] },
): Promise<boolean> {
  const { checkpoint, signal } = source;
  const { visitor, columns } = options;
  let statsAreUsable = true;
  for (const { file } of checkpoint.files.toReversed()) {
    const sidecars: string[] = [];
    if (isJson(file.path)) {
      for await (const action of readActions(source.store, file.path, source))
        visitJson(action, visitor, sidecars);
    } else {
      await withParquet(source, file.path, async (handle, footer) => {
        const usable = await readAdds(handle, footer, { visitor, columns, signal });
        statsAreUsable &&= usable;
        sidecars.push(...(await readSidecarPaths(handle, footer, signal)));
      });
    }
    for (const sidecar of sidecars) {
      await withParquet(source, sidecarPath(source.log, sidecar), async (handle, footer) => {
        await readAdds(handle, footer, { visitor, columns: undefined, signal });
      });
    }
  }
  return statsAreUsable;
}

function visitJson(action: Action, visitor: AddVisitor, sidecars: string[]): void {
  if (action.kind === "sidecar") sidecars.push(action.path);
  if (action.kind === "add") {
    visitor.select(action.add.path, action.add.deletionVector)?.take(action.add, undefined);
  }
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

async function withParquet(
  source: CheckpointSource,
  path: string,
  read: (handle: ObjectHandle, footer: FileMetadata) => Promise<void>,
): Promise<void> {
  const { store, signal } = source;
  await using handle = await store.open(path, { signal });
  const footer = await readFooter(handle, { signal });
  await read(handle, footer);
}
