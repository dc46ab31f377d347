import type { StoredObject } from "./objects.ts";

/** The answer to ListObjectsV2. */
export function listObjects(
  bucket: string,
  all: readonly [string, StoredObject][],
  query: URLSearchParams,
  pageSize: number,
): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const after =
    token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString();
  const rows: string[] = [];
  let last = "";
  let truncated = false;
  const commonPrefixes = new Set<string>();
  for (const [key, object] of all) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    if (common !== undefined && (commonPrefixes.has(common) || after.startsWith(common))) {
      last = key;
      continue;
    }
    if (rows.length === pageSize) {
      truncated = true;
      break;
    }
    if (common === undefined) rows.push(contents(key, object));
    else {
      commonPrefixes.add(common);
      rows.push(`<CommonPrefixes><Prefix>${escapeXml(common)}</Prefix></CommonPrefixes>`);
    }
    last = key;
  }
  const next = truncated
    ? `<NextContinuationToken>${Buffer.from(last).toString("base64url")}</NextContinuationToken>`
    : "";
  return `<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${rows.length}</KeyCount><MaxKeys>${pageSize}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${rows.join("")}${next}</ListBucketResult>`;
}

function contents(key: string, { bytes, etag, modified }: StoredObject): string {
  return `<Contents><Key>${escapeXml(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replace(/\p{Cc}/gu, (character) => `&#x${character.charCodeAt(0).toString(16)};`);
}
