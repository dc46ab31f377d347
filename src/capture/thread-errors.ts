import {
  AccessDeniedError,
  FileReplacedError,
  ServiceAnswerError,
  SourceMissingError,
  TableError,
  TransientReadError,
  UnreadableFileError,
} from "../model/index.ts";

/**
 * Errors across the thread boundary: structured cloning keeps only the message of a class of ours, and what a caller does
 * next hangs on the class.
 */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: SerializedError | undefined;
  readonly unreadable: SerializedLocation | undefined;
  readonly referenceType: string | undefined;
  readonly answer?: { readonly httpStatus: number; readonly code: string | undefined } | undefined;
}

interface SerializedLocation {
  readonly reason: string;
  readonly file: string;
  readonly column: string | undefined;
  readonly rowGroup: number | undefined;
  readonly page: number | undefined;
  readonly offset: number | undefined;
}

const CAUSE_DEPTH = 8;

export function serializeError(error: unknown, depth = 0): SerializedError {
  if (!(error instanceof Error)) {
    return {
      name: "Error",
      message: String(error),
      stack: undefined,
      cause: undefined,
      unreadable: undefined,
      referenceType: undefined,
    };
  }
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    cause:
      error.cause === undefined || depth >= CAUSE_DEPTH ? undefined : serializeError(error.cause, depth + 1),
    unreadable: error instanceof UnreadableFileError ? location(error) : undefined,
    referenceType: error instanceof TableError ? error.referenceType : undefined,
    answer:
      error instanceof ServiceAnswerError ? { httpStatus: error.httpStatus, code: error.code } : undefined,
  };
}

function location(error: UnreadableFileError): SerializedLocation {
  const { reason, file, column, rowGroup, page, offset } = error;
  return { reason, file, column, rowGroup, page, offset };
}

export function reviveError(serialized: SerializedError): Error {
  const options: ErrorOptions =
    serialized.cause === undefined ? {} : { cause: reviveError(serialized.cause) };
  const error = construct(serialized, options);
  if (serialized.stack !== undefined) error.stack = serialized.stack;
  return error;
}

function construct(serialized: SerializedError, options: ErrorOptions): Error {
  if (serialized.unreadable) {
    const Unreadable = serialized.name === "FileReplacedError" ? FileReplacedError : UnreadableFileError;
    return new Unreadable(serialized.unreadable.reason, serialized.unreadable, options);
  }
  if (serialized.answer) return new ServiceAnswerError(serialized.message, serialized.answer);
  switch (serialized.name) {
    case "SourceMissingError":
      return new SourceMissingError(serialized.message, options);
    case "AccessDeniedError":
      return new AccessDeniedError(serialized.message, options);
    case "TransientReadError":
      return new TransientReadError(serialized.message, options);
    case "TableError":
      return new TableError(serialized.message, {
        ...options,
        ...(serialized.referenceType === undefined ? {} : { referenceType: serialized.referenceType }),
      });
    default: {
      const error = new Error(serialized.message, options);
      error.name = serialized.name;
      return error;
    }
  }
}
