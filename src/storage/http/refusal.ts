import {
  AccessDeniedError,
  ServiceAnswerError,
  SourceMissingError,
  TransientReadError,
} from "../../model/index.ts";
import { replaced } from "./remote-object.ts";
import { ThrottledError } from "./retry.ts";

/** What an answer of no success means, in the terms of the store's port. */
export type RefusalKind = "denied" | "missing" | "replaced" | "throttled" | "passing" | "refused";

export interface Refusal {
  /** Who answered, as messages call it. */
  readonly service: string;
  readonly status: number;
  /** The service's own word for it. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly kind: RefusalKind;
  /** What was asked for, and where it was read. */
  readonly path: string;
  readonly offset: number | undefined;
  /** What follows the message. */
  readonly hint?: string | undefined;
}

const PASSING_STATUS: ReadonlySet<number> = new Set([408, 409, 425, 500, 502, 504]);

/** What the status alone says, where the service has no codes of its own or doesn't send any. */
export function kindOfStatus(status: number): RefusalKind {
  switch (status) {
    case 401:
    case 403:
      return "denied";
    case 404:
      return "missing";
    case 412:
      return "replaced";
    case 429:
    case 503:
      return "throttled";
    default:
      return PASSING_STATUS.has(status) ? "passing" : "refused";
  }
}

export function refusalErrorOf(refusal: Refusal): Error {
  const { service, status, code, path, offset, hint = "" } = refusal;
  const said = code === undefined ? `${status}` : `${status} ${code}`;
  const cause = new ServiceAnswerError(`${service} answered ${said}`, { httpStatus: status, code });
  const text = `${service} could not read ${path} (${said})`;
  switch (refusal.kind) {
    case "replaced":
      return replaced(path, offset);
    case "denied":
      return new AccessDeniedError(`${service} refuses to let us read ${path} (${said})${hint}`, { cause });
    case "missing":
      return new SourceMissingError(`${path} does not exist (${service} answered ${said})`, { cause });
    case "throttled":
      return new ThrottledError(text, refusal.retryAfterMs, { cause });
    case "passing":
      return new TransientReadError(text, { cause });
    case "refused":
      return new StoreRefusedError(`${text}${hint}`, { cause });
  }
}

/** A request that the store doesn't understand or serve: another try won't help, and it is no matter of identity (08 §6 rule 6). */
export class StoreRefusedError extends Error {
  override readonly name = "StoreRefusedError";
}

/** An answer of status 2xx that is none of those that the request can have. */
export function unexpectedStatus(service: string, path: string, status: number): TransientReadError {
  return new TransientReadError(`${service} answered ${status} for ${path}, which makes no sense`);
}
