/**
 * Errors by what a caller can do about them. Every message says what was being done, on which file or job, what was found
 * and, where there is one, the next step. No message may hold a secret.
 */

/** The input of one file can't be read: the file fails, the others go on. */
export class UnreadableFileError extends Error {
  override readonly name: string = "UnreadableFileError";
  readonly file: string;
  readonly column: string | undefined;
  readonly rowGroup: number | undefined;
  readonly page: number | undefined;
  /** Byte offset in the file, where one is known. */
  readonly offset: number | undefined;
  readonly reason: string;

  constructor(reason: string, where: FileLocation, options?: ErrorOptions) {
    super(`${describeLocation(where)}: ${reason}`, options);
    this.file = where.file;
    this.column = where.column;
    this.rowGroup = where.rowGroup;
    this.page = where.page;
    this.offset = where.offset;
    this.reason = reason;
  }
}

/** The file is no longer the one that was opened: its parts don't belong together. Another try reads the new one. */
export class FileReplacedError extends UnreadableFileError {
  override readonly name = "FileReplacedError";
}

/** Where in a file something was found. */
export interface FileLocation {
  readonly file: string;
  readonly column?: string | undefined;
  readonly rowGroup?: number | undefined;
  /** Data-page ordinal within the column chunk. */
  readonly page?: number | undefined;
  readonly offset?: number | undefined;
}

function describeLocation(where: FileLocation): string {
  const parts = [where.file];
  if (where.column !== undefined) parts.push(`column ${where.column}`);
  if (where.rowGroup !== undefined) parts.push(`row group ${where.rowGroup}`);
  if (where.page !== undefined) parts.push(`page ${where.page}`);
  if (where.offset !== undefined) parts.push(`offset ${where.offset}`);
  return parts.join(", ");
}

/** Wrong use or wrong settings: tell the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The table, snapshot, catalog entry or object is not there (`TABLE_MISSING`, 05 §13, 04 §18). */
export class SourceMissingError extends Error {
  override readonly name = "SourceMissingError";
}

/** The store or catalog refused our identity: final, no retry helps (05 §13). */
export class AccessDeniedError extends Error {
  override readonly name = "AccessDeniedError";
}

/** The table's metadata is damaged, or asks for something that can't be had: the group fails with this text. */
export class TableError extends Error {
  override readonly name = "TableError";
  /** Simple class name that the reference would report in front of the text (05 §4.1); free text otherwise. */
  readonly referenceType: string;

  constructor(message: string, options?: ErrorOptions & { referenceType?: string }) {
    super(message, options);
    this.referenceType = options?.referenceType ?? "RuntimeException";
  }
}

/** A read failed in a way that another try may mend: reset, timeout, throttling, server error. */
export class TransientReadError extends Error {
  override readonly name = "TransientReadError";
}

/**
 * What a store or catalog answered, as the cause of the errors above: the classification of 08 §6 goes by status and code.
 */
export class ServiceAnswerError extends Error {
  override readonly name = "ServiceAnswerError";
  readonly httpStatus: number;
  /** The service's own code, such as `AccessDenied` or `ExpiredToken`; undefined if the answer had none. */
  readonly code: string | undefined;

  constructor(message: string, answer: { readonly httpStatus: number; readonly code: string | undefined }) {
    super(message);
    this.httpStatus = answer.httpStatus;
    this.code = answer.code;
  }
}
