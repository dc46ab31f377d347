import { createHash } from "node:crypto";
import type { Settings } from "../config/index.ts";
import type { SharedBlobs } from "../control-plane/index.ts";
import { type Clock, SourceMissingError } from "../model/index.ts";
import type { ResultBlobs } from "../protocol/index.ts";
import { openS3Writer, openStore, type S3Settings, type StoreSettings } from "../storage/index.ts";

/** The S3 bucket that an inline control plane shares with its workers (08 §7.1). */
export interface BlobBucket {
  readonly bucket: string;
  readonly s3: S3Settings;
}

const DEFAULT_BUCKET = "floecat-dev";

/** Undefined: blobs are the control plane's own affair. */
export function blobBucket({ blobs }: Pick<Settings, "blobs">): BlobBucket | undefined {
  const kind = blobs.kind ?? (blobs.bucket === undefined ? "memory" : "s3");
  if (kind === "memory") return undefined;
  const { bucket = DEFAULT_BUCKET, region, endpoint, pathStyle } = blobs;
  const { accessKeyId, secretAccessKey, sessionToken } = blobs;
  const credentials: S3Settings["credentials"] =
    accessKeyId === undefined || secretAccessKey === undefined
      ? { kind: "chain" }
      : { kind: "static", accessKeyId, secretAccessKey, sessionToken };
  return { bucket, s3: { schemes: ["s3"], endpoint, region, pathStyle, credentials } };
}

/** One leading slash is no part of a key (08 §7.1). */
export function blobPath({ bucket }: BlobBucket, key: string): string {
  return `s3://${bucket}/${key.replace(/^\//, "")}`;
}

/** Writes blobs the way the control plane reads them: their digest and time of creation stand in the metadata. */
export function resultBlobs(
  target: BlobBucket,
  options: Pick<StoreSettings, "network"> & {
    readonly clock: Pick<Clock, "nowMs">;
    readonly onFallback: (message: string, error: unknown) => void;
  },
): ResultBlobs {
  const { clock, network, onFallback } = options;
  const writer = openS3Writer({ s3: target.s3, network });
  return {
    async put(key, content, { contentType, signal }) {
      const path = blobPath(target, key);
      const before = await writer.metadata(path, { signal });
      await writer.put(path, content, {
        contentType,
        metadata: {
          "floecat-sha256": createHash("sha256").update(content).digest("base64"),
          "floecat-created-at": before?.["floecat-created-at"] ?? String(clock.nowMs()),
        },
        signal,
      });
    },
    onFallback,
  };
}

/** A sidecar or a document of statistics is far from this. */
const MAX_BLOB_BYTES = 512 * 2 ** 20;

/** The same blobs as the control plane reads them. */
export function sharedBlobs(
  target: BlobBucket,
  { network, signal }: Pick<StoreSettings, "network"> & { readonly signal: AbortSignal },
): SharedBlobs {
  const store = openStore({ local: { kind: "none" }, s3: target.s3, network });
  return {
    async read(key) {
      const path = blobPath(target, key);
      try {
        await using blob = await store.open(path, { signal });
        if (blob.size > MAX_BLOB_BYTES)
          throw new Error(`${path} has ${blob.size} bytes, which is no blob of a worker's`);
        return await blob.read(0, blob.size, { signal });
      } catch (error) {
        if (error instanceof SourceMissingError) return undefined;
        throw error;
      }
    },
  };
}
