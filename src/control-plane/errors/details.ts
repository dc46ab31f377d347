import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { Generation } from "../../model/index.ts";
import { ErrorSchema } from "../../protocol/chunked/gen/floecat/common/common_pb.ts";
import {
  BadRequestSchema,
  DebugInfoSchema,
  ErrorInfoSchema,
} from "../../protocol/grpc/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../protocol/grpc/gen/google/rpc/status_pb.ts";
import { openEnum } from "../../protocol/records/wire-values.ts";
import { GRPC_STATUS, GrpcStatusError } from "../grpc/index.ts";
import { localisedText, originalText } from "./catalogue.ts";
import { clampText } from "./clamp-text.ts";
import { ERROR_CODE, type ServiceError } from "./service-error.ts";

/**
 * A `ServiceError` as it travels (02 §1.4): two values of `grpc-status-details-bin`. The first has every detail and the
 * original text; the second, which the peer's localisation appends, has the `Error` alone with the text that clients see.
 */
export interface DetailOptions {
  readonly generation: Generation;
  readonly correlationId: string;
  readonly maxDetailChars: number;
  /** `floecat.errors.debug-details`. */
  readonly debugDetails: boolean;
}

export function toGrpcError(error: ServiceError, options: DetailOptions): GrpcStatusError {
  const clean = (text: string) =>
    options.generation === "chunked" ? clampText(text, options.maxDetailChars) : text;
  const params = Object.fromEntries(
    Object.entries(error.params).map(([name, value]) => [
      name,
      name === "root_message" ? clean(value) : value,
    ]),
  );
  const { code, messageKey, message: text, leaseMarker } = error;
  const refusal = { code, messageKey, message: text, params, leaseMarker };
  const errorDetail = (message: string) =>
    pack(ErrorSchema, {
      code: openEnum(ERROR_CODE[error.code]),
      message,
      params,
      messageKey: error.messageKey,
      // In inline the principal isn't stamped with it.
      correlationId: options.generation === "chunked" ? options.correlationId : "",
    });

  const original = clean(
    originalText(refusal, options.generation === "chunked" ? options.correlationId : ""),
  );
  const details = [errorDetail(original)];
  const field = params.field ?? params.header ?? "";
  if (error.status === "INVALID_ARGUMENT" && field.trim() !== "") {
    details.push(pack(BadRequestSchema, { fieldViolations: [{ field, description: original }] }));
  }
  details.push(pack(ErrorInfoSchema, errorInfo(error, options)));
  if (options.debugDetails) details.push(pack(DebugInfoSchema, { detail: clean(error.message) }));

  const localised = clean(localisedText(refusal));
  const status = (message: string, all: typeof details) =>
    toBinary(StatusSchema, create(StatusSchema, { code: GRPC_STATUS[error.status], message, details: all }));
  return new GrpcStatusError(error.status, localised, [
    status(original, details),
    status(localised, [errorDetail(localised)]),
  ]);
}

function pack<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) {
  return anyPack(schema, create(schema, init));
}

function errorInfo(error: ServiceError, options: DetailOptions) {
  if (error.leaseMarker) {
    return {
      reason: "RECONCILE_LEASE_PRECONDITION_FAILED",
      domain: "ai.floedb.floecat.reconciler",
      metadata: {},
    };
  }
  return {
    reason: error.code,
    domain: "ai.floedb.floecat",
    metadata: { correlation_id: options.correlationId, grpc_status: error.status },
  };
}
