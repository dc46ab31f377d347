import { kindOfStatus, type RefusalKind, refusalErrorOf } from "../http/refusal.ts";
import { retryAfterMs } from "../http/retry.ts";
import type { HttpAnswer } from "../http/transport.ts";
import { elementText } from "./xml.ts";

/** A refusal of S3: status, its code, and where it says the bucket is. Its message is not kept: it can repeat what was sent. */
export interface S3Refusal {
  readonly status: number;
  readonly code: string | undefined;
  readonly region: string | undefined;
  readonly retryAfterMs: number | undefined;
}

const MAX_ERROR_BYTES = 64 * 1024;

/** Reads an answer whose status is none of success. */
export async function readRefusal(answer: HttpAnswer): Promise<S3Refusal> {
  // An answer that breaks off still has its status.
  const xml = await answer.text(MAX_ERROR_BYTES).catch(() => "");
  const code = elementText(xml, "Code");
  const header = answer.headers["x-amz-bucket-region"];
  return {
    status: answer.status,
    code: code !== undefined && /^[A-Za-z0-9.-]{1,80}$/.test(code) ? code : undefined,
    region: (typeof header === "string" ? header : undefined) ?? elementText(xml, "Region"),
    retryAfterMs: retryAfterMs(answer.headers["retry-after"]),
  };
}

const ENDED_CODES: ReadonlySet<string> = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "TokenRefreshRequired",
]);

/** The keys have ended: others may be let in (decision 22). */
export function isExpiry({ code }: S3Refusal): boolean {
  return code !== undefined && ENDED_CODES.has(code);
}

/** Codes that refuse an identity whatever the status (08 §6 rule 5). */
const IDENTITY_CODES: ReadonlySet<string> = new Set([
  ...ENDED_CODES,
  "AccessDenied",
  "AccessDeniedException",
  "Forbidden",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidToken",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "BandwidthLimitExceeded",
  "TooManyRequests",
]);
/** A refusal in the terms of the store's port; `path` is what was asked for, `offset` where it was read. */
export function refusalError(refusal: S3Refusal, path: string, offset: number | undefined): Error {
  const { code } = refusal;
  return refusalErrorOf({ ...refusal, service: "S3", kind: kindOf(refusal), path, offset, hint: hint(code) });
}

function kindOf({ status, code = "" }: S3Refusal): RefusalKind {
  const byStatus = kindOfStatus(status);
  if (byStatus === "replaced" || byStatus === "denied") return byStatus;
  if (IDENTITY_CODES.has(code)) return "denied";
  if (byStatus === "missing") return byStatus;
  if (THROTTLING_CODES.has(code)) return "throttled";
  return code === "RequestTimeout" || code === "InternalError" ? laterOf(byStatus) : byStatus;
}

function laterOf(kind: RefusalKind): RefusalKind {
  return kind === "refused" ? "passing" : kind;
}

function hint(code: string | undefined): string {
  switch (code) {
    case "ExpiredToken":
    case "ExpiredTokenException":
    case "TokenRefreshRequired":
      return ": the temporary credentials have ended";
    case "InvalidAccessKeyId":
    case "InvalidClientTokenId":
      return ": S3 doesn't know the access key";
    case "SignatureDoesNotMatch":
      return ": the secret access key is another one than the access key's";
    case "RequestTimeTooSkewed":
      return ": this machine's clock is wrong";
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
      return ": the bucket is in another region; set it";
    default:
      return "";
  }
}
