/**
 * Refusals and losses of the control plane, by what the worker can do about them (02 §1.4, 03 §3.5, §18). Adapters decode
 * status and details into `StatusParts`; the kind is decided here, once for all generations.
 */
import type { Generation } from "../model/index.ts";

/**
 * - `transport`: nobody knows whether the call took effect; the same bytes may be sent again;
 * - `internal`: as `transport`, but also the answer to a success for a job that is being cancelled (02 §4.7);
 * - `unauthenticated`: the token was refused, or none could be had;
 * - `overloaded`: the server has no room now;
 * - `retryable-abort`: the write collided; again with the same bytes, a few times (02 §12.3);
 * - `lease-lost`: the job is another's or has ended: send nothing more about it;
 * - `conflict`: this result id has other content; another attempt under another id may succeed (02 §12.5);
 * - `content-conflict`: the stored record of a file differs from ours, which no attempt heals (02 §12.4);
 * - `too-large`: the message exceeds what the server takes (03 §3.7);
 * - `invalid`: the server understood and refused the content;
 * - `refused`: any other definite answer.
 */
export type ControlPlaneErrorKind =
  | "transport"
  | "internal"
  | "unauthenticated"
  | "overloaded"
  | "retryable-abort"
  | "lease-lost"
  | "conflict"
  | "content-conflict"
  | "too-large"
  | "invalid"
  | "refused";

/** The calls by the names that 03 §17.1 gives them, credential vending (01 §9) and job control (01 §4.6). */
export type ControlPlaneCall =
  | "leaseReconcileJob"
  | "startLeasedReconcileJob"
  | "renewReconcileLease"
  | "reportReconcileProgress"
  | "getReconcileCancellation"
  | "getLeasedFileGroupExecution"
  | "submitLeasedFileGroupExecutionResult"
  | "completeLeasedReconcileJob"
  | "vendStorageCredentials"
  | "listReconcileJobs"
  | "getReconcileJob"
  | "getReconcileJobTree"
  | "cancelReconcileJob";

/** What an error answer said, free of wire types. */
export interface StatusParts {
  /** gRPC status by name, such as `UNAVAILABLE`. */
  readonly code: string;
  /** Text for people: the `Error` detail's message, else the status message. */
  readonly message: string;
  /** `Error.code` by name, such as `MC_CONFLICT`; undefined without an `Error` detail. */
  readonly errorCode?: string | undefined;
  /** `Error.message_key`, such as `idempotency.mismatch`; often `""`. */
  readonly messageKey?: string | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Reason of an `ErrorInfo` whose domain is `ai.floedb.floecat.reconciler`. */
  readonly errorInfoReason?: string | undefined;
  /** True: the call has certainly not reached the server, so that it had no effect. */
  readonly unsent?: boolean | undefined;
}

export class ControlPlaneError extends Error {
  override readonly name = "ControlPlaneError";
  readonly kind: ControlPlaneErrorKind;
  readonly call: ControlPlaneCall;
  readonly status: StatusParts;

  /** `kind` as `controlPlaneErrorKind` says, or as a check before sending found. */
  constructor(
    kind: ControlPlaneErrorKind,
    call: ControlPlaneCall,
    status: StatusParts,
    options?: ErrorOptions,
  ) {
    super(describeStatus(status), options);
    this.kind = kind;
    this.call = call;
    this.status = status;
  }
}

/** The payload of a leased job says something that has no meaning (03 §8): an ordinary failure of the group. */
export class InvalidPayloadError extends Error {
  override readonly name = "InvalidPayloadError";
}

const LEASE_LOST_REASON = "RECONCILE_LEASE_PRECONDITION_FAILED";

/** Which kind a status of `call` is, in a generation. */
export function controlPlaneErrorKind(
  call: ControlPlaneCall,
  status: StatusParts,
  generation: Generation,
): ControlPlaneErrorKind {
  switch (status.code) {
    case "UNAVAILABLE":
    case "UNKNOWN":
    case "DEADLINE_EXCEEDED":
      return "transport";
    case "CANCELLED":
      // A chunked server cancels scans and calls of its own accord; for inline it is a definite answer (03 §3.5).
      return generation === "inline" ? "refused" : "transport";
    case "INTERNAL":
      return "internal";
    case "UNAUTHENTICATED":
      return "unauthenticated";
    case "RESOURCE_EXHAUSTED":
      // The server's own backpressure says MC_RATE_LIMITED; the transport's size limit carries no details (03 §3.7).
      return status.errorCode === undefined && call === "submitLeasedFileGroupExecutionResult"
        ? "too-large"
        : "overloaded";
    case "FAILED_PRECONDITION":
      return saysLeaseLost(status) ? "lease-lost" : "refused";
    case "ABORTED":
      return abortedKind(status);
    case "INVALID_ARGUMENT":
      return "invalid";
    default:
      return "refused";
  }
}

/** 02 §1.4, "Telling lease lost from other errors": by marker in chunked, by text in both. */
function saysLeaseLost(status: StatusParts): boolean {
  if (status.params?.reason === LEASE_LOST_REASON || status.errorInfoReason === LEASE_LOST_REASON)
    return true;
  const text = rootMessage(status);
  return (
    text.endsWith("reconcile lease is no longer valid") ||
    text.includes("reconcile job is no longer active for lease")
  );
}

/** Only `Error.code` separates a final ABORTED from one worth another try (02 §12.5). */
function abortedKind(status: StatusParts): ControlPlaneErrorKind {
  if (status.errorCode !== "MC_CONFLICT") return "retryable-abort";
  return rootMessage(status).includes("pointer bound to different blob") ? "content-conflict" : "conflict";
}

/** The specific text, which most errors carry in their params alone (02 §1.4). */
function rootMessage(status: StatusParts): string {
  return status.params?.root_message ?? status.message;
}

/** `<CODE>: <text>`, the specific text where there is one. */
function describeStatus(status: StatusParts): string {
  const specific = status.params?.root_message;
  const text = specific?.startsWith(`${status.code}: `)
    ? specific.slice(status.code.length + 2)
    : (specific ?? status.message);
  return text === "" ? status.code : `${status.code}: ${text}`;
}
