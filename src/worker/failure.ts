/**
 * What an error of a group means for its job (03 §12, §10.6). Errors are judged by type (decision 25), where the reference
 * reads words out of the outermost message; a refused identity or a lost lease counts wherever it stands in the cause chain.
 */
import { AccessDeniedError, ServiceAnswerError, SourceMissingError, TableError } from "../model/index.ts";
import { ControlPlaneError } from "../protocol/port.ts";
import { IncompleteCaptureError } from "./completeness.ts";

export type FailureVerdict =
  /** The lease is gone: nothing more is sent (03 §18 row 3). */
  | { readonly kind: "lease-lost" }
  /** The table, snapshot or object is gone: the job is cancelled, no failure is submitted. */
  | { readonly kind: "source-missing"; readonly message: string }
  /** No retry helps: the job fails for good, no failure is submitted. */
  | { readonly kind: "denied"; readonly message: string }
  /** A failure is submitted, the job is retried. */
  | { readonly kind: "ordinary"; readonly detail: string };

export function judgeFailure(error: unknown): FailureVerdict {
  const chain = causeChain(error);
  if (chain.some((cause) => cause instanceof ControlPlaneError && cause.kind === "lease-lost")) {
    return { kind: "lease-lost" };
  }
  // The outermost error alone decides: a data file or manifest that is gone comes wrapped and is an ordinary failure (05 §13).
  if (chain[0] instanceof SourceMissingError) {
    return { kind: "source-missing", message: "ReconcileFailureException: source object missing" };
  }
  const denial = chain.find(isDenial);
  if (denial !== undefined) {
    return { kind: "denied", message: clip(`ReconcileFailureException: ${publicMessage(denial)}`) };
  }
  return { kind: "ordinary", detail: failureDetail(error) };
}

/** Codes by which AWS refuses an identity, whatever the status (08 §6 rule 5). */
const IDENTITY_CODES: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "Forbidden",
  "InvalidClientTokenId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

function isDenial(cause: Error): boolean {
  if (cause instanceof AccessDeniedError) return true;
  if (cause instanceof ServiceAnswerError) {
    const { httpStatus, code = "" } = cause;
    return httpStatus === 401 || httpStatus === 403 || IDENTITY_CODES.has(code);
  }
  return (
    cause instanceof ControlPlaneError &&
    (cause.kind === "unauthenticated" || cause.status.code === "PERMISSION_DENIED")
  );
}

const ENDED_CODES: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "TokenRefreshRequired",
]);

/** The store says that temporary credentials have ended: new ones may be had (decision 22). */
export function credentialsHaveEnded(error: unknown): boolean {
  return causeChain(error).some(
    (cause) => cause instanceof ServiceAnswerError && cause.code !== undefined && ENDED_CODES.has(cause.code),
  );
}

/** `<type>: <message>` of each error of the chain, outermost first (03 §10.6). */
export function failureDetail(error: unknown): string {
  return clip(causeChain(error).map(describeError).join(" | caused by: "));
}

/** `<type>: <message>` of the error alone (03 §12.2). */
export function errorText(error: unknown): string {
  return clip(describeError(causeChain(error)[0] ?? new Error(String(error))));
}

function describeError(error: Error): string {
  const message = publicMessage(error);
  const type = referenceTypeName(error);
  return message === "" ? type : `${type}: ${message}`;
}

/** The reference's class name where the contract gives one, else our own. */
function referenceTypeName(error: Error): string {
  if (error instanceof TableError || error instanceof IncompleteCaptureError) return error.referenceType;
  return error.name;
}

function publicMessage(error: Error): string {
  return publicText(error.message.trim());
}

/**
 * Signed URLs carry their secret in the query, others a password before the host (03 §10.6); a signature in a header that a
 * server repeats is good for some minutes.
 */
export function publicText(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, "$1…@")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?"']*)\?[^\s"']*/gi, "$1?…")
    .replace(/\bSignature=[0-9a-f]{32,}/gi, "Signature=…");
}

/** Deeper chains and longer texts say nothing more, and a text must fit into one message (03 §3.7). */
const MAX_CAUSES = 16;
const MAX_TEXT_CHARS = 8192;

function causeChain(error: unknown): Error[] {
  const chain: Error[] = [];
  let current: unknown = error;
  while (current instanceof Error && chain.length < MAX_CAUSES && !chain.includes(current)) {
    chain.push(current);
    current = current.cause;
  }
  if (chain.length === 0) chain.push(new Error(String(error)));
  return chain;
}

function clip(text: string): string {
  return text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS - 1)}…`;
}
