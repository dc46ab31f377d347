/**
 * A success whose records and sidecars lie in the shared blob store (08 §7.1). Where the reference always tries this, here
 * it is the way for what one message can't take (decision 18); and the document of statistics is named after its content
 * instead of at random, so that a capture that comes to the same result sends the same success (02 §6).
 */
import { createHash } from "node:crypto";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { type IndexArtifact, SIDECAR_CONTENT_TYPE } from "../../model/index.ts";
import { artifactMessage, type Outcome, writeBytes, writeText } from "../calls/submission.ts";
import type { GroupResult, Lease } from "../port.ts";
import type { ResultBlobs } from "../result-blobs.ts";
import { inlineRecordCodec } from "./records.ts";

/** Something could not be uploaded, and with it in the message the result is too large: another attempt may manage. */
export class ResultUploadError extends Error {
  override readonly name = "ResultUploadError";
}

export interface UploadedOutcome {
  readonly outcome: Outcome;
  /** What went wrong first; undefined if all was uploaded. */
  readonly failure: unknown;
}

/** Number of `success` in the request's oneof. */
export const SUCCESS_FIELD = 3;

export async function uploadedOutcome(
  blobs: ResultBlobs,
  lease: Lease,
  result: GroupResult,
  signal: AbortSignal,
): Promise<UploadedOutcome> {
  let failure: unknown;
  const attempt = async <T>(
    what: string,
    service: string,
    upload: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await upload();
    } catch (error) {
      signal.throwIfAborted();
      failure ??= error;
      const text = `Direct worker ${what} upload failed for job ${lease.jobId}; falling back to inline service ${service}`;
      blobs.onFallback?.(text, error);
      return undefined;
    }
  };
  const records = result.statsRecords.map((record) => inlineRecordCodec.statsToBytes(record));
  const manifest =
    records.length === 0
      ? undefined
      : await attempt("file-stats", "submit", () =>
          uploadRecords(blobs, lease, result.resultId, records, signal),
        );
  const uploaded = await attempt("artifact", "upload", () =>
    uploadArtifacts(blobs, result.artifacts, signal),
  );

  const writer = new BinaryWriter();
  writeText(writer, 1, result.resultId.trim());
  if (manifest === undefined) for (const record of records) writeBytes(writer, 2, record);
  for (const artifact of result.artifacts) {
    writeBytes(
      writer,
      3,
      artifactMessage(inlineRecordCodec, artifact, uploaded === undefined ? "content" : "uploaded"),
    );
  }
  if (manifest !== undefined) {
    writeText(writer, 4, manifest);
    writer.tag(5, 0).uint32(records.length);
  }
  return { outcome: { kind: "success", fieldNumber: SUCCESS_FIELD, bytes: writer.finish() }, failure };
}

const DOCUMENT_TYPE = "application/json; charset=UTF-8";

/** The key of the document that holds the records. */
async function uploadRecords(
  blobs: ResultBlobs,
  lease: Lease,
  resultId: string,
  records: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<string> {
  const base64 = records.map((record) => Buffer.from(record).toString("base64"));
  const content = Buffer.from(JSON.stringify({ records: base64 }));
  const folder = `/accounts/${lease.accountId.trim()}/reconcile/jobs/${lease.jobId.trim()}/file-group-stats`;
  const key = `${folder}/${resultId.trim()}/${nameOf(content)}.json`;
  await blobs.put(key, content, { contentType: DOCUMENT_TYPE, signal });
  return key;
}

/** The form of a UUID (RFC 9562, version 8), which names have in this folder. */
function nameOf(content: Uint8Array): string {
  const hash = createHash("sha256").update(content).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const UPLOADS_AT_ONCE = 4;

async function uploadArtifacts(
  blobs: ResultBlobs,
  artifacts: readonly IndexArtifact[],
  signal: AbortSignal,
): Promise<true> {
  const rest = artifacts.values();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  async function uploadRest(): Promise<void> {
    for (const { record, content } of rest) {
      either.throwIfAborted();
      if (content.length === 0) throw new Error("staged artifact missing content");
      await blobs.put(record.artifactUri, content, { contentType: SIDECAR_CONTENT_TYPE, signal: either });
    }
  }
  const uploads = Array.from({ length: Math.min(UPLOADS_AT_ONCE, artifacts.length) }, uploadRest);
  try {
    await Promise.all(uploads);
  } catch (error) {
    failed.abort(error);
    // None is under way any more when the fallback begins.
    await Promise.allSettled(uploads);
    throw error;
  }
  return true;
}
