import { SourceMissingError, TableError } from "../../../model/index.ts";
import type { ObjectInfo, ObjectStore } from "../../../storage/index.ts";
import { type Checkpoint, completeCheckpoints, greatestComplete } from "./checkpoints.ts";
import { classifyLogFile, type LogFile, versionPrefix } from "./file-names.ts";
import { readLastCheckpointHint } from "./last-checkpoint.ts";

/** The files of the log that make up one version of a table (05 §4.1). */
export interface LogSegment {
  readonly version: bigint;
  readonly checkpoint: Checkpoint | undefined;
  /** Commits and the compactions that stand for some of them, newest first: the order of reading. */
  readonly deltas: readonly DeltaFile[];
  /** Commit `version` itself, whose time is the snapshot's. */
  readonly commit: ObjectInfo;
}

export interface DeltaFile {
  readonly version: bigint;
  readonly file: ObjectInfo;
}

export interface SegmentRequest {
  readonly store: ObjectStore;
  /** Normalised root (05 §3.4). */
  readonly root: string;
  readonly version: bigint | "latest";
  readonly signal: AbortSignal;
}

/** How many versions further back each step looks for a checkpoint, so that an old table isn't listed from its beginning. */
const SEARCH_STEP = 1000n;

/** Finds the segment of a version, or says in the contract's words why there is none. */
export async function findLogSegment(request: SegmentRequest): Promise<LogSegment> {
  const listed =
    request.version === "latest"
      ? await listToLatest(request)
      : await listToVersion(request, request.version);
  return buildSegment(request, listed);
}

async function listToVersion(request: SegmentRequest, version: bigint): Promise<LogFile[]> {
  let upTo = version;
  let listed: LogFile[] = [];
  for (;;) {
    const from = upTo > SEARCH_STEP ? upTo - SEARCH_STEP : 0n;
    listed = [...(await listVersions(request, from, upTo)), ...listed];
    if (from === 0n || greatestComplete(checkpointsOf(listed)) !== undefined) return listed;
    upTo = from - 1n;
  }
}

async function listToLatest(request: SegmentRequest): Promise<LogFile[]> {
  const hint = await readLastCheckpointHint(request);
  if (hint !== undefined && hint > 0n) {
    const listed = await listVersions(request, hint, undefined);
    if (greatestComplete(checkpointsOf(listed)) !== undefined) return listed;
  }
  return await listVersions(request, 0n, undefined);
}

/** Every file of the log that is one of a version. */
export async function listLog(request: Omit<SegmentRequest, "version">): Promise<LogFile[]> {
  return await listVersions(request, 0n, undefined);
}

async function listVersions(
  request: Omit<SegmentRequest, "version">,
  from: bigint,
  upTo: bigint | undefined,
): Promise<LogFile[]> {
  const prefix = `${request.root}/_delta_log/`;
  const startAfter = `${prefix}${versionPrefix(from)}.`;
  const found: LogFile[] = [];
  const listing = request.store.list(prefix, { recursive: false, startAfter, signal: request.signal });
  for await (const info of listing) {
    const file = classifyLogFile(info);
    if (file === undefined) continue;
    if (upTo === undefined || file.version <= upTo) found.push(file);
    else if (info.path.startsWith(`${prefix}${versionPrefix(file.version)}.`)) break;
  }
  return found;
}

async function buildSegment(request: SegmentRequest, listed: readonly LogFile[]): Promise<LogSegment> {
  const { root } = request;
  const commits = listed.filter((file) => file.kind === "commit").sort(byVersion);
  const checkpoint = greatestComplete(checkpointsOf(listed));
  if (commits.length === 0 && checkpoint === undefined) throw await nothingToLoad(request);

  const after = commits.filter((commit) => checkpoint === undefined || commit.version > checkpoint.version);
  const newest = after.at(-1)?.version ?? checkpoint?.version ?? 0n;
  if (checkpoint !== undefined && !commits.some((commit) => commit.version === checkpoint.version)) {
    throw invalidTable(root, `Missing delta file for version ${checkpoint.version}`);
  }
  if (request.version !== "latest" && newest !== request.version) {
    throw new SourceMissingError(
      `${root}: Cannot load table version ${request.version} as it does not exist. ` +
        `The latest available version is ${newest}.`,
    );
  }
  checkContiguous(
    root,
    after.map((commit) => commit.version),
    checkpoint,
  );

  const commit = commits.find((candidate) => candidate.version === newest);
  if (commit === undefined) throw invalidTable(root, `Missing delta file for version ${newest}`);
  const deltas = withCompactions(after, listed, newest);
  return { version: newest, checkpoint, deltas, commit: commit.file };
}

function checkContiguous(
  root: string,
  versions: readonly bigint[],
  checkpoint: Checkpoint | undefined,
): void {
  const gap = versions.some((version, i) => i > 0 && version !== (versions[i - 1] ?? 0n) + 1n);
  if (gap) {
    throw invalidTable(root, `Missing delta files: versions are not contiguous: ([${versions.join(", ")}])`);
  }
  const expected = checkpoint === undefined ? 0n : checkpoint.version + 1n;
  const [first] = versions;
  if (first !== undefined && first !== expected) {
    throw invalidTable(root, `Cannot compute snapshot. Missing delta file version ${expected}.`);
  }
}

/** Compactions stand for the commits that they cover, taken from the newest on; one that overlaps is passed over. */
function withCompactions(
  commits: readonly DeltaFile[],
  listed: readonly LogFile[],
  newest: bigint,
): DeltaFile[] {
  const oldest = commits[0]?.version;
  if (oldest === undefined) return [];
  const compactions = listed
    .filter((file) => file.kind === "compaction")
    .filter((file) => file.start >= oldest && file.version <= newest && file.start <= file.version)
    .sort((a, b) =>
      a.start !== b.start ? compareBigInt(b.start, a.start) : compareBigInt(b.version, a.version),
    );
  const taken: typeof compactions = [];
  for (const compaction of compactions) {
    const overlaps = taken.some(
      (other) => compaction.start <= other.version && compaction.version >= other.start,
    );
    if (!overlaps) taken.push(compaction);
  }
  const left = commits.filter(
    (commit) =>
      !taken.some((compaction) => compaction.start <= commit.version && commit.version <= compaction.version),
  );
  return [...left, ...taken].map(({ version, file }) => ({ version, file })).sort((a, b) => byVersion(b, a));
}

/** Nothing up to the version asked for: the table isn't there, or its beginning has been cleaned away. */
async function nothingToLoad(request: SegmentRequest): Promise<Error> {
  const { root } = request;
  const log = `${root}/_delta_log`;
  const all = await listVersions(request, 0n, undefined);
  if (!all.some((file) => file.kind === "commit" || file.kind === "checkpoint")) {
    return new SourceMissingError(
      `Delta table at path \`${root}\` is not found. Context: No delta files found in the directory: ${log}`,
    );
  }
  const earliest = earliestRecreatable(all);
  const message =
    earliest === undefined
      ? `No recreatable commits found at ${log}`
      : `${root}: Cannot load table version ${request.version} as the transaction log has been truncated due to manual ` +
        `deletion or the log/checkpoint retention policy. The earliest available version is ${earliest}.`;
  return new TableError(message, {
    referenceType: earliest === undefined ? "RuntimeException" : "KernelException",
  });
}

/** The first version that could be loaded: that of the oldest complete checkpoint whose commits are still there. */
function earliestRecreatable(listed: readonly LogFile[]): bigint | undefined {
  const oldestCommit = listed.filter((file) => file.kind === "commit").sort(byVersion)[0]?.version;
  if (oldestCommit === undefined || oldestCommit === 0n) return oldestCommit;
  return completeCheckpoints(checkpointsOf(listed)).find((checkpoint) => checkpoint.version >= oldestCommit)
    ?.version;
}

function checkpointsOf(listed: readonly LogFile[]) {
  return listed.filter((file) => file.kind === "checkpoint");
}

function byVersion(a: { version: bigint }, b: { version: bigint }): number {
  return compareBigInt(a.version, b.version);
}

function compareBigInt(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function invalidTable(root: string, reason: string): TableError {
  return new TableError(`Invalid table found at ${root}: ${reason}`, {
    referenceType: "InvalidTableException",
  });
}
