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

const SUBMIT = "submitLeasedFileGroupExecutionResult";

export function inlineControlPlane(options: AdapterOptions): ControlPlane {
  const { call, onConfirmedServer, maxRequestBytes } = options;
  const client = createClient(ReconcileExecutorControl, options.transport);
  const common = commonCalls("inline", client, call);

  async function submit(
    lease: Lease,
    request: SubmitLeasedFileGroupExecutionResultRequest,
    callOptions: CallOptions,
  ): Promise<boolean> {
    const { accepted } = await onConfirmedServer(SUBMIT, callOptions, () =>
      call(SUBMIT, aboutLease(lease), callOptions, (rpcOptions) =>
        client.submitLeasedFileGroupExecutionResult(request, rpcOptions),
      ),
    );
    return accepted;
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
      return preparedSubmission([await successOutcome(result, signal)], limit, (outcome, callOptions) =>
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

/** `Success` {result_id 1, stats_records 2, index_artifacts 3} as member 3 of the oneof. */
async function successOutcome(result: GroupResult, signal: AbortSignal): Promise<Outcome> {
  const writer = new BinaryWriter();
  writeText(writer, 1, result.resultId.trim());
  for await (const item of submissionItems(inlineRecordCodec, result, signal)) {
    writeBytes(writer, item.kind === "record" ? 2 : 3, item.bytes);
  }
  return { kind: "success", fieldNumber: 3, bytes: writer.finish() };
}
