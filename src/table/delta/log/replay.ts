import { TableError } from "../../../model/index.ts";
import type { ObjectStore } from "../../../storage/index.ts";
import { type Action, type AddFile, type Metadata, type Protocol, parseAction } from "./actions.ts";
import { readLines } from "./lines.ts";
import { openAhead } from "./open-ahead.ts";
import type { LogSegment } from "./segment.ts";

/**
 * What the commits of a segment say, read newest to oldest (05 §4.4): the newest protocol and metadata, the files that they
 * leave active, in scan order, and what of a checkpoint they make void.
 */
export interface CommitState {
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
  readonly active: readonly AddFile[];
  /** True for a file action of the checkpoint that a commit has removed or added anew. */
  readonly supersedes: (key: string) => boolean;
  /** About what it takes in memory, for whoever keeps it. */
  readonly heldBytes: number;
}

/** The removes of so many lines are seen before the adds of the same lines (05 §4.4 rule 3). */
const BATCH_LINES = 1024;

/** Rough sizes of an add action and of a key in a set. */
const BYTES_PER_FILE = 800;
const BYTES_PER_KEY = 250;

export async function replayCommits(
  store: ObjectStore,
  segment: LogSegment,
  options: { readonly signal: AbortSignal },
): Promise<CommitState> {
  let protocol: Protocol | undefined;
  let metadata: Metadata | undefined;
  const active: AddFile[] = [];
  const added = new Set<string>();
  const removed = new Set<string>();

  /** Adds of the batch at hand. */
  let pending: { readonly key: string; readonly add: AddFile }[] = [];
  const settle = () => {
    for (const { key, add } of pending) {
      if (!added.has(key) && !removed.has(key)) active.push(add);
      added.add(key);
    }
    pending = [];
  };

  const paths = segment.deltas.map(({ file }) => file.path);
  await using ahead = openAhead(store, paths, options.signal);
  for (const delta of segment.deltas) {
    let lines = 0;
    for await (const line of readLines(ahead, delta.file.path, options)) {
      const action = parseAction(line.text, `${delta.file.path}, line ${line.number}`);
      switch (action?.kind) {
        case "add":
          pending.push(action);
          break;
        case "remove":
          removed.add(action.key);
          break;
        case "protocol":
          protocol ??= action.protocol;
          break;
        case "metadata":
          metadata ??= action.metadata;
          break;
      }
      if (++lines % BATCH_LINES === 0) settle();
    }
    settle();
  }
  return {
    protocol,
    metadata,
    active,
    supersedes: (key) => added.has(key) || removed.has(key),
    heldBytes: 1000 + BYTES_PER_FILE * active.length + BYTES_PER_KEY * (added.size + removed.size),
  };
}

/** The actions of a JSON file of the log that a snapshot is made of, in file order. */
export async function* readActions(
  store: ObjectStore,
  path: string,
  options: { readonly signal: AbortSignal },
): AsyncGenerator<Action> {
  for await (const line of readLines(store, path, { signal: options.signal })) {
    const action = parseAction(line.text, `${path}, line ${line.number}`);
    if (action !== undefined) yield action;
  }
}

/** 05 §4.2: a version without protocol or metadata can't be read. */
export function requireProtocolAndMetadata(
  state: { readonly protocol: Protocol | undefined; readonly metadata: Metadata | undefined },
  version: bigint,
): { readonly protocol: Protocol; readonly metadata: Metadata } {
  const { protocol, metadata } = state;
  if (protocol === undefined) throw new TableError(`No protocol found at version ${version}`);
  if (metadata === undefined) throw new TableError(`No metadata found at version ${version}`);
  return { protocol, metadata };
}
