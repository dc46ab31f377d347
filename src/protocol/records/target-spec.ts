/** The text that names a statistics target in a capture scope (01 §4.2.1). Anything that isn't one decodes to no target. */

export type TargetSpec =
  | { readonly kind: "table" }
  | { readonly kind: "column"; readonly columnId: bigint }
  | { readonly kind: "file"; readonly filePath: string }
  | {
      readonly kind: "expression";
      readonly engineKind: string;
      readonly key: Uint8Array;
      readonly version: string;
    }
  /** Chunked only. */
  | { readonly kind: "composite"; readonly columnIds: readonly bigint[] };

export function encodeTargetSpec(target: TargetSpec): string {
  switch (target.kind) {
    case "table":
      return "table";
    case "column":
      return `column:${target.columnId}`;
    case "file":
      return `file:${base64Url(target.filePath)}`;
    case "expression":
      return `expression:${base64Url(target.engineKind)}:${base64Url(target.key)}:${base64Url(target.version)}`;
    case "composite":
      return `composite:${sortedDistinct(target.columnIds).join(":")}`;
  }
}

export function decodeTargetSpec(text: string): TargetSpec | undefined {
  const [kind, ...parts] = text.trim().split(":");
  switch (kind) {
    case "table":
      return parts.length === 0 ? { kind } : undefined;
    case "column": {
      const columnId = parts.length === 1 ? positiveId(parts[0]) : undefined;
      return columnId === undefined ? undefined : { kind, columnId };
    }
    case "file": {
      const filePath = parts.length === 1 ? textOf(parts[0]) : undefined;
      return filePath === undefined || filePath.trim() === "" ? undefined : { kind, filePath };
    }
    case "expression": {
      if (parts.length < 2 || parts.length > 3) return undefined;
      const engineKind = textOf(parts[0]);
      const key = bytesOf(parts[1]);
      const version = textOf(parts[2] ?? "");
      if (engineKind === undefined || key === undefined || version === undefined) return undefined;
      return { kind, engineKind, key, version };
    }
    case "composite": {
      const ids = parts.map(positiveId);
      if (!ids.every((id) => id !== undefined)) return undefined;
      const columnIds = sortedDistinct(ids);
      return columnIds.length < 2 ? undefined : { kind, columnIds };
    }
    default:
      return undefined;
  }
}

function positiveId(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return undefined;
  const id = BigInt(text);
  return id > 0n && id < 2n ** 63n ? id : undefined;
}

function sortedDistinct(ids: readonly bigint[]): bigint[] {
  return [...new Set(ids)].sort((a, b) => (a < b ? -1 : 1));
}

function base64Url(value: string | Uint8Array): string {
  return Buffer.from(value).toString("base64url");
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  return text !== undefined && /^[\w-]*$/.test(text) ? Buffer.from(text, "base64url") : undefined;
}

function textOf(text: string | undefined): string | undefined {
  return bytesOf(text) && Buffer.from(text ?? "", "base64url").toString("utf8");
}
