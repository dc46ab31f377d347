import type { CheckpointFile } from "./file-names.ts";

/** A checkpoint all of whose files are there (05 §4.1 rule 2). */
export interface Checkpoint {
  readonly version: bigint;
  readonly kind: "classic" | "multi-part" | "v2";
  /** In part order. */
  readonly files: readonly CheckpointFile[];
}

const RANK = { classic: 0, "multi-part": 1, v2: 2 } as const;

/** The greatest complete checkpoint: by version, then form (v2, multi-part, classic), then part count, then file name. */
export function greatestComplete(files: readonly CheckpointFile[]): Checkpoint | undefined {
  return completeCheckpoints(files).at(-1);
}

/** Every complete checkpoint, the greatest last. */
export function completeCheckpoints(files: readonly CheckpointFile[]): Checkpoint[] {
  const complete: Checkpoint[] = [];
  const parts = new Map<string, CheckpointFile[]>();
  for (const file of files) {
    if (file.form.kind !== "multi-part") {
      complete.push({ version: file.version, kind: file.form.kind, files: [file] });
      continue;
    }
    const key = `${file.version}/${file.form.parts}`;
    const together = parts.get(key) ?? [];
    together.push(file);
    parts.set(key, together);
  }
  for (const together of parts.values()) {
    const [first] = together;
    if (first?.form.kind === "multi-part" && BigInt(together.length) === first.form.parts) {
      complete.push({ version: first.version, kind: "multi-part", files: together.toSorted(byPart) });
    }
  }
  return complete.sort(compareCheckpoints);
}

function compareCheckpoints(a: Checkpoint, b: Checkpoint): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
  if (a.files.length !== b.files.length) return a.files.length - b.files.length;
  const nameOfA = a.files[0]?.file.path ?? "";
  const nameOfB = b.files[0]?.file.path ?? "";
  return nameOfA < nameOfB ? -1 : nameOfA > nameOfB ? 1 : 0;
}

function byPart(a: CheckpointFile, b: CheckpointFile): number {
  return partOf(a) - partOf(b);
}

function partOf(file: CheckpointFile): number {
  return file.form.kind === "multi-part" ? Number(file.form.part) : 0;
}
