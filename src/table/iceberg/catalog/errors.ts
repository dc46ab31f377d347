/** What an error answer of a REST catalog means, in the reference's words (04 §3.6). */
import {
  AccessDeniedError,
  ServiceAnswerError,
  SourceMissingError,
  TableError,
  TransientReadError,
} from "../../../model/index.ts";
import { serverText } from "../../catalog/index.ts";
import { isJsonObject } from "../metadata/index.ts";

export type CatalogCall = "config" | "load-table" | "list-tables" | "credentials";

export interface ErrorAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
  /** Of the request: not to be repeated. */
  readonly secrets: readonly (string | undefined)[];
  /** `Location` of a redirect. */
  readonly location: string | null;
}

interface ErrorModel {
  readonly message: string;
  readonly type: string;
  readonly code: number;
}

const REASON: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The error of a status that is no success. The body's own code decides where it has one. */
export function catalogError(call: CatalogCall, answer: ErrorAnswer): Error {
  const { message, type, code } = errorModel(answer);
  const cause = new ServiceAnswerError(`the catalog answered HTTP ${answer.status}`, {
    httpStatus: code,
    code: type === "" ? undefined : type,
  });
  const failed = (text: string, referenceType: string) => new TableError(text, { cause, referenceType });
  switch (code) {
    case 400:
      return type === "IllegalArgumentException"
        ? failed(message, type)
        : failed(`Malformed request: ${message}`, "BadRequestException");
    case 401:
      return new AccessDeniedError(`Not authorized: ${message}`, { cause });
    case 403:
      return new AccessDeniedError(`Forbidden: ${message}`, { cause });
    case 404:
      // A catalog that has no such warehouse, or no catalog at that address, has no such table either (04 §18).
      return new SourceMissingError(call === "config" ? `Unable to process: ${message}` : message, { cause });
    case 409:
      return call === "load-table"
        ? failed(message, "AlreadyExistsException")
        : failed(`Unable to process: ${message}`, "RESTException");
    case 429:
      return new TransientReadError(`Unable to process: ${message}`, { cause });
    case 500:
      return new TransientReadError(`Server error: ${type}: ${message}`, { cause });
    case 501:
      return failed(message, "UnsupportedOperationException");
    case 503:
      return new TransientReadError(`Service unavailable: ${message}`, { cause });
    default:
      if (code >= 500) return new TransientReadError(`Unable to process: ${message}`, { cause });
      return failed(`Unable to process: ${message}${redirectHint(answer)}`, "RESTException");
  }
}

/** An unparsable body is the message; without one it is the reason phrase. */
function errorModel({ status, statusText, body, secrets }: ErrorAnswer): ErrorModel {
  const error = errorObject(body);
  const reason = statusText || REASON[status] || `HTTP ${status}`;
  if (error === undefined) {
    return { message: body.trim() === "" ? reason : serverText(body, secrets), type: "", code: status };
  }
  const { message, type, code } = error;
  return {
    message: typeof message === "string" ? serverText(message, secrets) : reason,
    type: typeof type === "string" && /^[\w.$]{1,200}$/.test(type) ? type : "",
    code: typeof code === "number" && Number.isInteger(code) && code >= 400 && code <= 599 ? code : status,
  };
}

function errorObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return isJsonObject(answer) && isJsonObject(answer.error) ? answer.error : undefined;
  } catch {
    return undefined;
  }
}

/** Redirects aren't followed: the request carries what authorises it. */
function redirectHint({ status, location }: ErrorAnswer): string {
  if (status < 300 || status > 399 || location === null || !URL.canParse(location)) return "";
  const { origin, pathname } = new URL(location);
  return ` (it points to ${origin}${pathname}; if that is the catalog, make its address the connector's uri)`;
}
