/**
 * A failed call as plain parts (02 §1.4, 01 §8.2): every value of `grpc-status-details-bin` is decoded; `Error` is taken
 * from the last one that has it, since that is the localised copy, `ErrorInfo` from any. `Error` is the same message in
 * every generation.
 */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorCodeSchema, ErrorSchema } from "../chunked/gen/floecat/common/common_pb.ts";
import type { StatusParts } from "../error.ts";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "./gen/google/rpc/status_pb.ts";
import { statusDetailValues } from "./status-headers.ts";

const LEASE_DOMAIN = "ai.floedb.floecat.reconciler";

/** gRPC's names of its codes, by number. */
const CODE_NAMES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** What a rejected call says; an error that is no answer of the server has a code too (`UNAVAILABLE`, `UNKNOWN`…). */
export function statusOf(error: unknown): StatusParts {
  const failure = ConnectError.from(error);
  const unsent = isUnsent(failure);
  const code = unsent || isBrokenTransport(failure) ? Code.Unavailable : failure.code;
  const parts = statusParts(code, failure.rawMessage, statusDetailValues(failure.metadata));
  return unsent ? { ...parts, unsent } : parts;
}

/**
 * Nobody took the connection, or the server refused the stream, which is its word for not having looked at it (RFC 9113 §8.7):
 * what has not been sent may be sent, even where a call must not be made twice.
 */
function isUnsent(failure: ConnectError): boolean {
  if (failure.metadata.has("grpc-status")) return false;
  return failure.rawMessage.includes("REFUSED_STREAM") || isRefusedConnection(failure.cause);
}

function isRefusedConnection(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ("code" in cause && cause.code === "ECONNREFUSED") return true;
  return (
    cause instanceof AggregateError && cause.errors.length > 0 && cause.errors.every(isRefusedConnection)
  );
}

/**
 * The library gives codes of its own to what happened to the connection, and some of them are words of the server for a
 * final refusal: an answer that was cut off is INVALID_ARGUMENT, a reset stream CANCELLED, RESOURCE_EXHAUSTED or
 * PERMISSION_DENIED, a broken TLS handshake INTERNAL. No server has said any of these.
 */
function isBrokenTransport(failure: ConnectError): boolean {
  if (failure.metadata.has("grpc-status")) return false;
  if (isTlsFailure(failure.cause)) return true;
  const wasReset = failure.rawMessage.startsWith("http/2 ") && failure.code !== Code.Internal;
  return wasReset || failure.code === Code.InvalidArgument || failure.code === Code.Canceled;
}

function isTlsFailure(cause: unknown): boolean {
  if (!(cause instanceof Error) || !("code" in cause)) return false;
  return typeof cause.code === "string" && (cause.code.startsWith("ERR_SSL_") || cause.code === "EPROTO");
}

/** `values`: the base64 values of `grpc-status-details-bin`, in sending order. */
export function statusParts(code: number, statusMessage: string, values: readonly string[]): StatusParts {
  const details = values.flatMap((value) => decodeStatus(value)?.details ?? []);
  const errors = messages(details, ErrorSchema);
  const last = errors.at(-1);
  const marker = messages(details, ErrorInfoSchema).find((info) => info.domain === LEASE_DOMAIN);
  return {
    code: CODE_NAMES[code] ?? "UNKNOWN",
    message: last?.message || statusMessage,
    ...(last && {
      errorCode: ErrorCodeSchema.value[last.code]?.name ?? `MC_${last.code}`,
      messageKey: last.messageKey,
      params: Object.assign({}, ...errors.map((error) => error.params)),
    }),
    ...(marker && { errorInfoReason: marker.reason }),
  };
}

/**
 * The server has no such method (01 §10.3). UNKNOWN which of the two answers the peers give; older ones answer with an
 * HTTP error, which shows as `UNKNOWN` without details.
 */
export function saysMethodAbsent(status: StatusParts): boolean {
  return status.code === "UNIMPLEMENTED" || (status.code === "UNKNOWN" && status.errorCode === undefined);
}

/** Values come with or without padding. What can't be decoded is as good as absent: the code still counts. */
function decodeStatus(base64: string): Status | undefined {
  try {
    return fromBinary(StatusSchema, Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}

/** The details of one type; type URLs are compared after the last `/` (01 §8.2). */
function messages<Desc extends DescMessage>(details: readonly Any[], schema: Desc): MessageShape<Desc>[] {
  return details
    .filter((any) => any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1) === schema.typeName)
    .flatMap((any) => {
      try {
        return [fromBinary(schema, any.value)];
      } catch {
        return [];
      }
    });
}
