import type { GrpcStatusName } from "../grpc/index.ts";

/** `Error.code` by name and number (01 §8.1). */
export const ERROR_CODE = {
  MC_PERMISSION_DENIED: 1,
  MC_NOT_FOUND: 2,
  MC_PRECONDITION_FAILED: 3,
  MC_INVALID_ARGUMENT: 4,
  MC_CONFLICT: 5,
  MC_RATE_LIMITED: 6,
  MC_UNAUTHENTICATED: 8,
  MC_INTERNAL: 9,
  MC_UNAVAILABLE: 10,
  MC_TIMEOUT: 11,
  MC_CANCELLED: 12,
  MC_ABORT_RETRYABLE: 13,
} as const;
export type ErrorCodeName = keyof typeof ERROR_CODE;

/**
 * A refusal in the terms of 02 §1.4: which status, which `Error.code`, and the params, in which most of the specific texts
 * travel. How it looks on the wire is in `details.ts`.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly status: GrpcStatusName;
  readonly code: ErrorCodeName;
  /** `message_key`, `""` if it has none. */
  readonly messageKey: string;
  readonly params: Readonly<Record<string, string>>;
  /** Marked as a lost lease by an `ErrorInfo` of its own (01 §8.2). */
  readonly leaseMarker: boolean;

  constructor(parts: {
    readonly status: GrpcStatusName;
    readonly code: ErrorCodeName;
    readonly text: string;
    readonly messageKey?: string;
    readonly params?: Readonly<Record<string, string>>;
    readonly leaseMarker?: boolean;
  }) {
    super(parts.text);
    this.status = parts.status;
    this.code = parts.code;
    this.messageKey = parts.messageKey ?? "";
    this.params = parts.params ?? {};
    this.leaseMarker = parts.leaseMarker ?? false;
  }
}

/** A field that must not be blank. */
export function missingField(field: string): ServiceError {
  return new ServiceError({
    status: "INVALID_ARGUMENT",
    code: "MC_INVALID_ARGUMENT",
    messageKey: "field",
    text: `Invalid value for ${field}.`,
    params: { field },
  });
}

/** A field with a value that has no meaning, such as an unspecified state. */
export function invalidField(field: string): ServiceError {
  return new ServiceError({
    status: "INVALID_ARGUMENT",
    code: "MC_INVALID_ARGUMENT",
    text: `invalid ${field}`,
    params: { field, cause: "unknown" },
  });
}

/** An id of the wrong kind of resource (02 §8). */
export function invalidKind(field: string): ServiceError {
  return new ServiceError({
    status: "INVALID_ARGUMENT",
    code: "MC_INVALID_ARGUMENT",
    messageKey: "kind",
    text: `Invalid kind for ${field}.`,
    params: { field },
  });
}

/** "bad arg(text)" of 02. */
export function badArgument(text: string): ServiceError {
  const type = "java.lang.IllegalArgumentException";
  return new ServiceError({
    status: "INVALID_ARGUMENT",
    code: "MC_INVALID_ARGUMENT",
    text,
    params: { error_class: type, root_class: type, cause: "IllegalArgumentException", root_message: text },
  });
}

const STATUS_CODE: Partial<Record<GrpcStatusName, ErrorCodeName>> = {
  INVALID_ARGUMENT: "MC_INVALID_ARGUMENT",
  NOT_FOUND: "MC_NOT_FOUND",
  FAILED_PRECONDITION: "MC_PRECONDITION_FAILED",
  ALREADY_EXISTS: "MC_CONFLICT",
  PERMISSION_DENIED: "MC_PERMISSION_DENIED",
  UNAUTHENTICATED: "MC_UNAUTHENTICATED",
  RESOURCE_EXHAUSTED: "MC_RATE_LIMITED",
  UNAVAILABLE: "MC_UNAVAILABLE",
  DEADLINE_EXCEEDED: "MC_TIMEOUT",
  CANCELLED: "MC_CANCELLED",
  ABORTED: "MC_ABORT_RETRYABLE",
};

/** A status raised with a text alone: the text survives only in `root_message`, behind the status' name. */
export function textStatus(status: GrpcStatusName, text: string): ServiceError {
  const type = "io.grpc.StatusRuntimeException";
  return new ServiceError({
    status,
    code: STATUS_CODE[status] ?? "MC_INTERNAL",
    text,
    params: {
      error_class: type,
      root_class: type,
      cause: "StatusRuntimeException",
      root_message: `${status}: ${text}`,
    },
  });
}

/** "plain FP(text)" of 02: the form of an ordinary lost lease, without a marker. */
export function failedPrecondition(text: string): ServiceError {
  return textStatus("FAILED_PRECONDITION", text);
}

export const LEASE_LOST_TEXT = "reconcile lease is no longer valid";

/** The marked form (02 §1.4), for the two places that use it. Its text is in the first trailer value only (01 §9). */
export function leaseLost(text: string): ServiceError {
  return new ServiceError({
    status: "FAILED_PRECONDITION",
    code: "MC_PRECONDITION_FAILED",
    text,
    params: { reason: "RECONCILE_LEASE_PRECONDITION_FAILED" },
    leaseMarker: true,
  });
}

export function idempotencyMismatch(operation: string, key: string): ServiceError {
  return new ServiceError({
    status: "ABORTED",
    code: "MC_CONFLICT",
    messageKey: "idempotency.mismatch",
    text: `Idempotency key mismatch for ${operation}: key=${key}.`,
    params: { op: operation, key },
  });
}

/** A record whose place is taken by other content (02 §5.2 step 6). */
export function contentConflict(rootMessage: string): ServiceError {
  return new ServiceError({
    status: "ABORTED",
    code: "MC_CONFLICT",
    text: rootMessage,
    params: { root_message: rootMessage },
  });
}

export function retryableAbort(text: string): ServiceError {
  return new ServiceError({
    status: "ABORTED",
    code: "MC_ABORT_RETRYABLE",
    text,
    params: { root_message: text },
  });
}

/** QUIRK 12.9, matched: the rendered text keeps a literal `{id}`, since the param has another name. */
export function notFound(entity: "table" | "connector", id: string): ServiceError {
  const name = entity === "table" ? "Table" : "Connector";
  return new ServiceError({
    status: "NOT_FOUND",
    code: "MC_NOT_FOUND",
    messageKey: entity,
    text: `${name} not found: {id}.`,
    params: { [`${entity}_id`]: id },
  });
}

/** The form of ReconcileControl, whose params are named so that the text is whole (02 §8). */
export function unknownResource(entity: "job" | "connector" | "table", id: string): ServiceError {
  const name = { job: "Job", connector: "Connector", table: "Table" }[entity];
  return new ServiceError({
    status: "NOT_FOUND",
    code: "MC_NOT_FOUND",
    messageKey: entity,
    text: `${name} not found: ${id}.`,
    params: { id },
  });
}

/** A record of a table or snapshot that isn't known (02 §5.2 steps 6 and 7). */
export function resourceNotFound(): ServiceError {
  return new ServiceError({ status: "NOT_FOUND", code: "MC_NOT_FOUND", text: "Resource not found." });
}

export function internal(text: string): ServiceError {
  const type = "java.lang.IllegalStateException";
  return new ServiceError({
    status: "INTERNAL",
    code: "MC_INTERNAL",
    text,
    params: { error_class: type, root_class: type, cause: "IllegalStateException", root_message: text },
  });
}
