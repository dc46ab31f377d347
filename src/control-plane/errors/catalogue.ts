import type { ErrorCodeName, ServiceError } from "./service-error.ts";

/**
 * The text that a client sees (02 §1.4): the template of `MC_<code>.<message_key>`, or else the generic one of the code. The
 * keyed errors of this server already are their template filled in.
 */
const GENERIC_TEXT: Readonly<Record<Exclude<ErrorCodeName, "MC_INTERNAL">, string>> = {
  MC_NOT_FOUND: "Resource not found.",
  MC_INVALID_ARGUMENT: "Invalid argument.",
  MC_PRECONDITION_FAILED: "Precondition failed.",
  MC_CONFLICT: "Conflict detected.",
  MC_ABORT_RETRYABLE: "Conflict detected, retry.",
  MC_UNAUTHENTICATED: "Authentication required.",
  MC_PERMISSION_DENIED: "You do not have permission to perform this operation.",
  MC_RATE_LIMITED: "Too many requests. Try again later.",
  MC_UNAVAILABLE: "Service temporarily unavailable.",
  MC_TIMEOUT: "The operation timed out.",
  MC_CANCELLED: "Request cancelled.",
};

/** The parts of a `ServiceError` that its texts are made of; params in the form in which they are sent. */
export type Refusal = Pick<ServiceError, "code" | "messageKey" | "message" | "params" | "leaseMarker">;

export function localisedText(error: Refusal): string {
  if (error.messageKey !== "") return error.message;
  if (error.code !== "MC_INTERNAL") return GENERIC_TEXT[error.code];
  const { cause = "", root_class = "", error_class = "", root_message = "" } = error.params;
  return `Internal error: ${cause} (root=${root_class}, error=${error_class}, message=${root_message}).`;
}

/** The text before localisation, in the first trailer value alone. A marked lease failure still says what happened (01 §9). */
export function originalText(error: Refusal, correlationId: string): string {
  if (error.leaseMarker) return error.message;
  if (error.code !== "MC_INTERNAL") return localisedText(error);
  return correlationId === "" ? "Internal error." : `Internal error. correlation_id=${correlationId}`;
}
