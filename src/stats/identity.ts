import { createHash } from "node:crypto";
import type { StatsTarget } from "../model/index.ts";
import { javaTrim } from "../types/index.ts";

/**
 * Identity of what a record is about (07 §8.7): records with the same identity replace each other. Expression and composite
 * targets are never produced by capture; an embedded server still has to tell them apart.
 */
export type IdentityTarget =
  | StatsTarget
  | { readonly kind: "expression"; readonly engineKind: string; readonly key: Uint8Array }
  | { readonly kind: "composite"; readonly columnIds: readonly bigint[] };

/** Name under which the servers store the record of this target. */
export function targetStorageId(target: IdentityTarget): string {
  switch (target.kind) {
    case "table":
      return "table";
    case "column":
      return `column-${positive(target.columnId, "column_id must be positive").toString().padStart(19, "0")}`;
    case "expression":
      return `expression-${engineKind(target.engineKind)}-${targetHash(target)}`;
    default:
      return `${target.kind}-${targetHash(target)}`;
  }
}

const SEPARATOR = Uint8Array.of(0x1f);

/** SHA-256 in hex of the target's identity. */
export function targetHash(target: IdentityTarget): string {
  const hash = createHash("sha256");
  for (const part of identityParts(target)) hash.update(part);
  return hash.digest("hex");
}

function identityParts(target: IdentityTarget): (string | Uint8Array)[] {
  switch (target.kind) {
    case "table":
      return ["T"];
    case "column":
      return ["C", SEPARATOR, positive(target.columnId, "column_id must be positive").toString()];
    case "file":
      return ["F", SEPARATOR, notBlank(target.filePath, "file_path must not be blank")];
    case "expression":
      if (target.key.length === 0) throw new RangeError("engine_expression_key must not be empty");
      return ["E", SEPARATOR, engineKind(target.engineKind), SEPARATOR, target.key];
    case "composite":
      return ["X", ...compositeIds(target.columnIds).flatMap((id) => [SEPARATOR, id.toString()])];
  }
}

function engineKind(kind: string): string {
  return notBlank(kind, "engine_kind must not be blank").toLowerCase();
}

function notBlank(text: string, message: string): string {
  const trimmed = javaTrim(text);
  if (trimmed === "") throw new RangeError(message);
  return trimmed;
}

function positive(id: bigint, message: string): bigint {
  if (id <= 0n) throw new RangeError(message);
  return id;
}

function compositeIds(ids: readonly bigint[]): bigint[] {
  if (ids.length < 2) throw new RangeError("composite target requires at least 2 column_ids");
  for (const id of ids) positive(id, "composite column_ids must be positive");
  if (new Set(ids).size < ids.length) throw new RangeError("composite column_ids must be distinct");
  return ids.toSorted((a, b) => (a < b ? -1 : 1));
}
