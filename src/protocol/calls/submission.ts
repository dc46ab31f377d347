/**
 * A submission built once (02 §4.7, 03 §10.2–10.4): records and sidecars are serialised a single time, sized, and kept as
 * bytes, so that every retry sends the same ones. The main thread also renews leases, so long work gives way now and then.
 */
import { setImmediate } from "node:timers/promises";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Generation, type IndexArtifact, SIDECAR_CONTENT_TYPE } from "../../model/index.ts";
import { type CallOptions, ControlPlaneError, type GroupResult, type PreparedSubmission } from "../port.ts";
import type { RecordCodec } from "../records/codec.ts";

/** A serialised `TargetStatsRecord` or `LeasedFileGroupIndexArtifact`. */
export interface SubmissionItem {
  readonly kind: "record" | "artifact";
  readonly bytes: Uint8Array;
}

/** One outcome of `SubmitLeasedFileGroupExecutionResultRequest`, serialised. */
export interface Outcome {
  readonly kind: "chunk" | "success";
  /** Number of the oneof member in the generation's request. */
  readonly fieldNumber: number;
  readonly bytes: Uint8Array;
}

/** How much is serialised before other work of the thread gets a turn. */
const BYTES_PER_TURN = 1 << 20;

/** All records, then all artifacts (03 §10.3). */
export async function* submissionItems(
  codec: RecordCodec,
  result: GroupResult,
  signal: AbortSignal,
): AsyncGenerator<SubmissionItem> {
  let bytesThisTurn = 0;
  for (const item of serialisedItems(codec, result)) {
    yield item;
    bytesThisTurn += item.bytes.length;
    if (bytesThisTurn >= BYTES_PER_TURN) {
      bytesThisTurn = 0;
      await setImmediate(undefined, { signal });
    }
  }
  signal.throwIfAborted();
}

function* serialisedItems(codec: RecordCodec, result: GroupResult): Generator<SubmissionItem> {
  for (const record of result.statsRecords) yield { kind: "record", bytes: codec.statsToBytes(record) };
  for (const artifact of result.artifacts)
    yield { kind: "artifact", bytes: artifactMessage(codec, artifact, "content") };
}

/**
 * `LeasedFileGroupIndexArtifact` {record 1, content 2, content_type 3}, alike in both generations (01 §4.5); inline has
 * `uploaded_artifact_uri` 4 besides, for content that lies in the blob store.
 */
export function artifactMessage(
  codec: RecordCodec,
  { record, content }: IndexArtifact,
  carries: "content" | "uploaded",
): Uint8Array {
  const writer = new BinaryWriter();
  writeBytes(writer, 1, codec.artifactToBytes(record));
  if (carries === "content" && content.length > 0) writeBytes(writer, 2, content);
  writeText(writer, 3, SIDECAR_CONTENT_TYPE);
  if (carries === "uploaded") writeText(writer, 4, record.artifactUri);
  return writer.finish();
}

/** Fields with implicit presence: an empty one isn't written. */
export function writeText(writer: BinaryWriter, fieldNumber: number, text: string): void {
  if (text !== "") writer.tag(fieldNumber, WireType.LengthDelimited).string(text);
}

/** A member of a repeated field, which is written even when empty. */
export function writeBytes(writer: BinaryWriter, fieldNumber: number, bytes: Uint8Array): void {
  writer.tag(fieldNumber, WireType.LengthDelimited).bytes(bytes);
}

/** The wire form of a field whose value is already serialised, as the runtime keeps fields that it doesn't know. */
export function serialisedField({ fieldNumber, bytes }: Outcome) {
  const data = new BinaryWriter().bytes(bytes).finish();
  return { no: fieldNumber, wireType: WireType.LengthDelimited, data };
}

/** Bytes of `serialisedField` on the wire: tag, length, content. */
function fieldLength({ fieldNumber, bytes }: Outcome): number {
  const head = new BinaryWriter().tag(fieldNumber, WireType.LengthDelimited).uint32(bytes.length).finish();
  return head.length + bytes.length;
}

/** Bytes of the whole request. */
export function requestLength(outcome: Outcome, { requestBytes }: { readonly requestBytes: number }): number {
  return requestBytes + fieldLength(outcome);
}

/**
 * The outcomes as sendable messages, once each is known to fit. `requestBytes` is the size of the request without its
 * outcome; `send` puts one attempt on the wire.
 */
export function preparedSubmission(
  outcomes: readonly Outcome[],
  limit: { readonly generation: Generation; readonly maxRequestBytes: number; readonly requestBytes: number },
  send: (outcome: Outcome, options: CallOptions) => Promise<boolean>,
): PreparedSubmission {
  const messages = outcomes.map((outcome) => {
    const byteLength = requestLength(outcome, limit);
    if (byteLength > limit.maxRequestBytes) throw tooLarge(byteLength, limit);
    return { kind: outcome.kind, byteLength, send: (options: CallOptions) => send(outcome, options) };
  });
  return { messages, byteLength: outcomes.reduce((sum, { bytes }) => sum + bytes.length, 0) };
}

/** 03 §3.7, decision 18: found before sending, with what an operator can do. */
function tooLarge(
  byteLength: number,
  { generation, maxRequestBytes }: { readonly generation: Generation; readonly maxRequestBytes: number },
): ControlPlaneError {
  const size = `the result takes ${byteLength} bytes in one message, the server accepts ${maxRequestBytes}`;
  const remedy =
    generation === "inline"
      ? "plan fewer files into a group (floecat.reconciler.snapshot-plan.max-files-per-group); or give the worker the " +
        "control plane's blob bucket (FLOECAT_BLOB=s3, FLOECAT_BLOB_S3_BUCKET, FLOECAT_STORAGE_AWS_*); or raise " +
        "quarkus.grpc.server.max-inbound-message-size on the server and floecat.capture.max-request-bytes with it"
      : "one record or sidecar alone exceeds the limit: capture fewer columns of this table";
  return new ControlPlaneError("too-large", "submitLeasedFileGroupExecutionResult", {
    code: "RESOURCE_EXHAUSTED",
    message: `${size}; ${remedy}`,
  });
}
