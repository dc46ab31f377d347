import type { ObjectInfo } from "../../../storage/index.ts";

/** A file of `_delta_log` that takes part in building a snapshot (05 §4.1 rule 1). */
export type LogFile =
  | { readonly kind: "commit"; readonly version: bigint; readonly file: ObjectInfo }
  | {
      readonly kind: "compaction";
      readonly start: bigint;
      readonly version: bigint;
      readonly file: ObjectInfo;
    }
  | CheckpointFile
  | { readonly kind: "checksum"; readonly version: bigint; readonly file: ObjectInfo };

export interface CheckpointFile {
  readonly kind: "checkpoint";
  readonly version: bigint;
  readonly form: CheckpointForm;
  readonly file: ObjectInfo;
}

export type CheckpointForm =
  | { readonly kind: "classic" }
  | { readonly kind: "multi-part"; readonly part: bigint; readonly parts: bigint }
  | { readonly kind: "v2" };

const COMMIT = /^(\d+)\.json$/;
const COMPACTION = /^(\d+)\.(\d+)\.compacted\.json$/;
const CLASSIC = /^(\d+)\.checkpoint\.parquet$/;
const MULTI_PART = /^(\d+)\.checkpoint\.(\d+)\.(\d+)\.parquet$/;
const V2 = /^(\d+)\.checkpoint\.[^.]+\.(?:json|parquet)$/;
const CHECKSUM = /^(\d+)\.crc$/;

/**
 * What a file of the log folder is; `undefined` for everything that is to be ignored, among it zero-byte checkpoints and
 * staged commits, which count only in tables opened through a catalog.
 */
export function classifyLogFile(file: ObjectInfo): LogFile | undefined {
  const name = file.path.slice(file.path.lastIndexOf("/") + 1);
  let match = COMMIT.exec(name);
  if (match !== null) return { kind: "commit", version: numberOf(match, 1), file };
  match = COMPACTION.exec(name);
  if (match !== null) {
    return { kind: "compaction", start: numberOf(match, 1), version: numberOf(match, 2), file };
  }
  match = CHECKSUM.exec(name);
  if (match !== null) return { kind: "checksum", version: numberOf(match, 1), file };
  const checkpoint = classifyCheckpoint(name, file);
  return file.size === 0 ? undefined : checkpoint;
}

function classifyCheckpoint(name: string, file: ObjectInfo): CheckpointFile | undefined {
  let match = CLASSIC.exec(name);
  if (match !== null) {
    return { kind: "checkpoint", version: numberOf(match, 1), form: { kind: "classic" }, file };
  }
  match = MULTI_PART.exec(name);
  if (match !== null) {
    const form = { kind: "multi-part", part: numberOf(match, 2), parts: numberOf(match, 3) } as const;
    return { kind: "checkpoint", version: numberOf(match, 1), form, file };
  }
  match = V2.exec(name);
  if (match !== null) return { kind: "checkpoint", version: numberOf(match, 1), form: { kind: "v2" }, file };
  return undefined;
}

function numberOf(match: RegExpExecArray, group: number): bigint {
  return BigInt(match[group] ?? "0");
}

/** Log file names begin with the version in 20 digits, so that they sort by version. */
export function versionPrefix(version: bigint): string {
  return version.toString().padStart(20, "0");
}
