/**
 * Tells the generations apart on a server without reflection (01 §11.3), by methods that one of them has and the other
 * hasn't, each called with an empty request: it is refused for a missing argument before anything is done.
 *
 *     vend credentials     present ──► the commit method absent: chunked   present: the commit generation, refused
 *                          absent  ──► finalize input    absent: inline    present: between the two, refused
 *
 * Chunked has a family of revisions that can't be told apart this way. UNKNOWN which of them a server is; taken for the one
 * that is released, with a Complete after each accepted success, which the others need and that one passes over.
 */
import type { Generation } from "../../model/index.ts";
import { saysMethodAbsent } from "../grpc/status.ts";
import type { StatusParts } from "../port.ts";
import { ReflectionUnavailableError, UnsupportedServerError } from "./errors.ts";

/** Calls a method with an empty request. Undefined: it answered OK. Rejects where nothing answers. */
export type Probe = (method: ProbedMethod) => Promise<StatusParts | undefined>;

export type ProbedMethod =
  | "StorageAuthorities/VendStorageCredentials"
  | "ReconcileExecutorControl/GetLeasedSnapshotFinalizeInput"
  | "ReconcileExecutorControl/CommitLeasedFileGroupResult";

export async function probeGeneration(probe: Probe): Promise<Generation> {
  if (await has("StorageAuthorities/VendStorageCredentials", "account_id")) {
    if (await has("ReconcileExecutorControl/CommitLeasedFileGroupResult")) {
      throw new UnsupportedServerError(
        "the server has the method CommitLeasedFileGroupResult: it is of the commit generation, which is not supported",
      );
    }
    return "chunked";
  }
  if (await has("ReconcileExecutorControl/GetLeasedSnapshotFinalizeInput", "job_id")) {
    throw new UnsupportedServerError(
      "the server shows no descriptors, and is of a revision whose submit request can be either of two; set the wire generation that it speaks (inline or chunked)",
    );
  }
  return "inline";

  /** Whether the server has the method: it says so by refusing the request for its first argument. */
  async function has(method: ProbedMethod, argument?: string): Promise<boolean> {
    const status = await probe(method);
    if (status !== undefined && saysMethodAbsent(status)) return false;
    if (status?.code === "INVALID_ARGUMENT") {
      if (argument === undefined || status.params?.field === argument) return true;
    }
    // Too few permissions, say, tell nothing of the generation.
    const answer = status === undefined ? "OK" : `${status.code}: ${status.message}`;
    throw new ReflectionUnavailableError(`${method} answers ${answer}, which tells nothing`);
  }
}
