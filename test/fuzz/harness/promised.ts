import { type Fault, type Refused, reasonClass, unexpected } from "./target.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * What an error says about an input: a refusal if it is of a promised class. A bug that was caught and dressed as a refusal is
 * still told by its cause: nothing in a reader may run into a TypeError or RangeError of the language.
 */
export function judge(error: unknown, during: string, promised: readonly ErrorClass[]): Refused | Fault {
  if (!(error instanceof Error) || !promised.some((one) => error instanceof one))
    return unexpected(error, during);
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (isMistake(cause)) return unexpected(cause, `${during}, inside ${error.name}`);
  }
  return { kind: "refused", reason: `${during}: ${reasonClass(error.message)}` };
}

/** Errors of the language itself; those of node's own modules carry a code. */
function isMistake(error: Error): boolean {
  const ofLanguage =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return ofLanguage && !("code" in error);
}
