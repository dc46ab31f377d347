import {
  AccessDeniedError,
  ServiceAnswerError,
  SourceMissingError,
  TransientReadError,
} from "../../model/index.ts";
import { replaced } from "../http/remote-object.ts";
import { retryAfterMs, ThrottledError } from "../http/retry.ts";
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
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

/** A refusal in the terms of the store's port; `path` is what was asked for, `offset` where it was read. */
export function refusalError(refusal: S3Refusal, path: string, offset: number | undefined): Error {
  const { status, code } = refusal;
  const said = code === undefined ? `${status}` : `${status} ${code}`;
  const cause = new ServiceAnswerError(`S3 answered ${said}`, { httpStatus: status, code });
  if (status === 412) return replaced(path, offset);
  if (status === 401 || status === 403 || (code !== undefined && IDENTITY_CODES.has(code))) {
    return new AccessDeniedError(`S3 refuses to let us read ${path} (${said})${hint(code)}`, { cause });
  }
  if (status === 404)
    return new SourceMissingError(`${path} does not exist (S3 answered ${said})`, { cause });
  const text = `S3 could not read ${path} (${said})`;
  if (status === 429 || status === 503 || (code !== undefined && THROTTLING_CODES.has(code))) {
    return new ThrottledError(text, refusal.retryAfterMs, { cause });
  }
  if (PASSING_STATUS.has(status) || code === "RequestTimeout" || code === "InternalError") {
    return new TransientReadError(text, { cause });
  }
  return new StoreRefusedError(`${text}${hint(code)}`, { cause });
}

/** A request that S3 doesn't understand or serve: another try won't help, and it is no matter of identity (08 §6 rule 6). */
export class StoreRefusedError extends Error {
  override readonly name = "StoreRefusedError";
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
