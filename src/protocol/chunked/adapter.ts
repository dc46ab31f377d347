/**
 * The control plane of the chunked generation: records and sidecars go ahead in chunks, the success names how many there
 * were and what became of each file, and it ends the job (01 §4.5, 03 §10.3, §10.4).
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { createClient } from "@connectrpc/connect";
import type { AdapterOptions } from "../calls/adapter.ts";
import {
  type Outcome,
  preparedSubmission,
  type SubmissionItem,
  serialisedField,
  submissionItems,
  writeBytes,
  writeText,
} from "../calls/submission.ts";
import { aboutLease, commonCalls, leaseInit } from "../calls/worker-calls.ts";
import type { CallOptions, ControlPlane, FileResult, GroupResult, Lease } from "../port.ts";
import { ARTIFACT_FORMAT, ARTIFACT_FORMAT_VERSION } from "../records/artifact.ts";
import { wellFormedPath } from "../records/wire-values.ts";
import { chunksOf } from "./chunks.ts";
import {
  ReconcileExecutorControl,
  ReconcileFileResult_State,
  type SubmitLeasedFileGroupExecutionResultRequest,
  SubmitLeasedFileGroupExecutionResultRequestSchema as SubmitRequestSchema,
  SubmitLeasedFileGroupExecutionResultRequest_SuccessSchema as SuccessSchema,
} from "./gen/floecat/reconciler/reconciler_pb.ts";
import { chunkedRecordCodec } from "./records.ts";

const SUBMIT = "submitLeasedFileGroupExecutionResult";

export function chunkedControlPlane(options: AdapterOptions): ControlPlane {
  const { call, onConfirmedServer, submitOver, maxRequestBytes } = options;
  const client = createClient(ReconcileExecutorControl, options.transport);
  const common = commonCalls("chunked", client, call);

  async function submit(
    lease: Lease,
    request: SubmitLeasedFileGroupExecutionResultRequest,
    callOptions: CallOptions,
  ): Promise<boolean> {
    const { accepted } = await submitOver(callOptions, (transport) =>
      call(SUBMIT, aboutLease(lease), callOptions, (rpcOptions) =>
        createClient(ReconcileExecutorControl, transport).submitLeasedFileGroupExecutionResult(
          request,
          rpcOptions,
        ),
      ),
    );
    return accepted;
  }

  return {
    ...common,
    generation: "chunked",
    successEndsJob: true,

    lease: (request, callOptions) =>
      onConfirmedServer("leaseReconcileJob", callOptions, () => common.lease(request, callOptions)),

    async prepareSubmission(lease, result, { signal }) {
      const limit = {
        generation: "chunked" as const,
        maxRequestBytes,
        requestBytes: toBinary(SubmitRequestSchema, create(SubmitRequestSchema, leaseInit(lease))).length,
      };
      const outcomes: Outcome[] = [];
      for await (const items of chunksOf(submissionItems(chunkedRecordCodec, result, signal))) {
        outcomes.push(chunkOutcome(result.resultId.trim(), outcomes.length, items));
      }
      outcomes.push(successOutcome(result, outcomes.length));
      return preparedSubmission(outcomes, limit, (outcome, callOptions) =>
        submit(lease, requestWith(lease, outcome), callOptions),
      );
    },

    submitFailure(lease, { resultId, message }, callOptions) {
      const outcome = { case: "failure" as const, value: { resultId, message } };
      return submit(lease, create(SubmitRequestSchema, { ...leaseInit(lease), outcome }), callOptions);
    },
  };
}

/** The outcome's number is known, its bytes are kept: the message carries them as a field that is already serialised. */
function requestWith(lease: Lease, outcome: Outcome): SubmitLeasedFileGroupExecutionResultRequest {
  const request = create(SubmitRequestSchema, leaseInit(lease));
  request.$unknown = [serialisedField(outcome)];
  return request;
}

/** `Chunk` {result_id 1, chunk_index 2, stats_records 3, index_artifacts 4} as member 3 of the oneof. */
function chunkOutcome(resultId: string, index: number, items: readonly SubmissionItem[]): Outcome {
  const writer = new BinaryWriter();
  writeText(writer, 1, resultId);
  if (index > 0) writer.tag(2, WireType.Varint).uint32(index);
  for (const item of items) writeBytes(writer, item.kind === "record" ? 3 : 4, item.bytes);
  return { kind: "chunk", fieldNumber: 3, bytes: writer.finish() };
}

/** `Success` as member 4 of the oneof: one file result for each planned path. */
function successOutcome(result: GroupResult, chunkCount: number): Outcome {
  const success = create(SuccessSchema, {
    resultId: result.resultId.trim(),
    fileResults: result.fileResults.map(fileResultInit),
    chunkCount,
  });
  return { kind: "success", fieldNumber: 4, bytes: toBinary(SuccessSchema, success) };
}

/** The artifact is an empty message, not an absent one, when there is no sidecar (03 §10.4). */
function fileResultInit({ filePath, statsProcessed, artifactUri }: FileResult) {
  return {
    filePath: wellFormedPath(filePath),
    state: ReconcileFileResult_State.RFRS_SUCCEEDED,
    statsProcessed,
    indexArtifact:
      artifactUri === undefined
        ? {}
        : {
            artifactUri: artifactUri.trim(),
            artifactFormat: ARTIFACT_FORMAT,
            artifactFormatVersion: ARTIFACT_FORMAT_VERSION,
          },
  };
}
