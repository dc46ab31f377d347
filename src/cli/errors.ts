import { ConnectError } from "@connectrpc/connect";
import { printable } from "./terminal/format.ts";

const CAUSE_DEPTH = 5;

/** Message of an error and of its causes, one a line, without repeats, safe to print. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const lines = [printable(error.message)];
  let cause = error.cause;
  for (let depth = 0; cause instanceof Error && depth < CAUSE_DEPTH; depth++) {
    // Without its `[code] `, which hides that a message above says the same.
    const text = printable(cause instanceof ConnectError ? cause.rawMessage : cause.message);
    if (!lines.some((line) => line.includes(text))) lines.push(`  because: ${text}`);
    cause = cause.cause;
  }
  return lines.join("\n");
}
