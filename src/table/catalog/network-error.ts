import { HttpError } from "../../http/index.ts";
import { TableError, TransientReadError } from "../../model/index.ts";

/** A catalog that gave no answer, in the words of what was being done. An abort stays what it is. */
export function networkError(doing: string, error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  const lasting = error.reason === "too-large" || error.reason === "malformed";
  return lasting ? new TableError(doing, { cause: error }) : new TransientReadError(doing, { cause: error });
}
