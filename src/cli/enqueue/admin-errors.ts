import { Code, ConnectError } from "@connectrpc/connect";
import { UsageError } from "../../model/index.ts";

/** What a failed call to the embedded control plane means to the person who made it. */
export function explainAdminError(error: unknown, url: string): unknown {
  if (!(error instanceof ConnectError)) return error;
  switch (error.code) {
    case Code.Unavailable:
      return new Error(`no answer from the control plane at ${url}: is it running there?`, { cause: error });
    case Code.Unimplemented:
      return new Error(
        `the control plane at ${url} takes no tables from this command: it is not the embedded one; start the capture in its own catalog`,
        { cause: error },
      );
    case Code.InvalidArgument:
      return new UsageError(error.rawMessage, { cause: error });
    default:
      return new Error(error.rawMessage, { cause: error });
  }
}
