import { type ResourceId, TableError } from "../model/index.ts";

/**
 * `artifact_uri`, 06 §5.2: the key under which the control plane keeps a sidecar, with a `/` in front. The server uses it
 * verbatim, so its form and encoding are matched to the byte. A key that S3 couldn't store is refused here, before anything
 * is sent (06 §9 "may improve").
 */
export function artifactUri(
  tableId: ResourceId,
  snapshotId: bigint,
  filePath: string,
  contentSha256Hex: string,
): string {
  if (snapshotId < 0n) throw new RangeError(`no index sidecar belongs to snapshot ${snapshotId}`);
  const snapshot = snapshotId.toString().padStart(SNAPSHOT_DIGITS, "0");
  const uri = `/accounts/${idSegment(tableId.accountId)}/tables/${idSegment(tableId.id)}/index-sidecars/${snapshot}/${encodeKeySegment(`file:${filePath}`)}/${contentSha256Hex}.parquet`;
  // Every character is ASCII by now; the leading slash is no part of the key.
  const keyBytes = uri.length - 1;
  if (keyBytes > MAX_KEY_BYTES) {
    throw new TableError(
      `index sidecar key for ${filePath} has ${keyBytes} bytes, and an object key may have ${MAX_KEY_BYTES}: its encoded path is ${keyBytes - MAX_KEY_BYTES} bytes too long to be stored; shorten the path or leave the page index out`,
      { referenceType: "IllegalArgumentException" },
    );
  }
  return uri;
}

const SNAPSHOT_DIGITS = 19;
const MAX_KEY_BYTES = 1024;

function idSegment(id: string): string {
  if (id.trim() === "") {
    throw new TableError("index sidecar key segment is null/blank", {
      referenceType: "IllegalArgumentException",
    });
  }
  return encodeKeySegment(id);
}

/**
 * E() of 06 §5.2: all bytes but `A-Z a-z 0-9 - . _ ~` as `%XX`. `encodeURIComponent` spares five more, and throws at an
 * unpaired surrogate, which stands as `?` here.
 */
export function encodeKeySegment(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "?")).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
