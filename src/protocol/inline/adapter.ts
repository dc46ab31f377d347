/**
 * The control plane of the inline generation: one message carries the whole success, records and sidecars included, and
 * Complete ends the job (01 §4.5, 03 §10.2).
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { createClient } from "@connectrpc/connect";
import type { AdapterOptions } from "../calls/adapter.ts";
import {
  type Outcome,
  preparedSubmission,
  requestLength,
  serialisedField,
  submissionItems,
  writeBytes,
  writeText,
} from "../calls/submission.ts";
import { aboutLease, commonCalls, leaseInit } from "../calls/worker-calls.ts";
import type { CallOptions, ControlPlane, GroupResult, Lease } from "../port.ts";
import {
  ReconcileExecutorControl,
  type SubmitLeasedFileGroupExecutionResultRequest,
  SubmitLeasedFileGroupExecutionResultRequestSchema as SubmitRequestSchema,
} from "./gen/floecat/reconciler/reconciler_pb.ts";
import { inlineRecordCodec } from "./records.ts";
import { ResultUploadError, SUCCESS_FIELD, uploadedOutcome } from "./uploads.ts";

const SUBMIT = "submitLeasedFileGroupExecutionResult";

export function inlineControlPlane(options: AdapterOptions): ControlPlane {
  const { call, onConfirmedServer, submitOver, maxRequestBytes, blobs } = options;
  const client = createClient(ReconcileExecutorControl, options.transport);
  const common = commonCalls("inline", client, call);

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

  /** What doesn't fit goes to the blob store, where there is one (decision 18). */
  async function fittingOutcome(
    lease: Lease,
    result: GroupResult,
    limit: { readonly requestBytes: number },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const fits = (outcome: Outcome) => requestLength(outcome, limit) <= maxRequestBytes;
    const whole = await successOutcome(result, signal);
    if (blobs === undefined || fits(whole)) return whole;
    const { outcome, failure } = await uploadedOutcome(blobs, lease, result, signal);
    if (failure === undefined || fits(outcome)) return outcome;
    // Not as its cause: a refusal of the blob store says nothing about the table's.
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new ResultUploadError(
      `the result is too large for one message (${requestLength(whole, limit)} bytes) and could not be uploaded: ${reason}`,
    );
  }

  return {
    ...common,
    generation: "inline",
    successEndsJob: false,

    lease: (request, callOptions) =>
      onConfirmedServer("leaseReconcileJob", callOptions, () => common.lease(request, callOptions)),

    async prepareSubmission(lease, result, { signal }) {
      const limit = {
        generation: "inline" as const,
        maxRequestBytes,
        requestBytes: toBinary(SubmitRequestSchema, create(SubmitRequestSchema, leaseInit(lease))).length,
      };
      const outcome = await fittingOutcome(lease, result, limit, signal);
      return preparedSubmission([outcome], limit, (each, callOptions) =>
        submit(lease, requestWith(lease, each), callOptions),
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

/** `Success` {result_id 1, stats_records 2, index_artifacts 3} as member 3 of the oneof. */
async function successOutcome(result: GroupResult, signal: AbortSignal): Promise<Outcome> {
  const writer = new BinaryWriter();
  writeText(writer, 1, result.resultId.trim());
  for await (const item of submissionItems(inlineRecordCodec, result, signal)) {
    writeBytes(writer, item.kind === "record" ? 2 : 3, item.bytes);
  }
  return { kind: "success", fieldNumber: SUCCESS_FIELD, bytes: writer.finish() };
}
