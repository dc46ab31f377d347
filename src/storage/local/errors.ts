import { AccessDeniedError, SourceMissingError, TransientReadError } from "../../model/index.ts";

/** A failed file system call in the terms of the store's port. */
export function fileSystemError(error: unknown, path: string, action: string): Error {
  const code = errorCode(error);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new SourceMissingError(`${path} does not exist`, { cause: error });
    case "EACCES":
    case "EPERM":
    case "ELOOP":
      return new AccessDeniedError(`no permission to ${action} ${path} (${code})`, { cause: error });
    default:
      return new TransientReadError(`could not ${action} ${path} (${code ?? String(error)})`, {
        cause: error,
      });
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
