import { internal } from "../errors/index.ts";
import type { ActiveGroup } from "../executor/active-group.ts";
import type { Caller, ServiceContext } from "../service.ts";
import { FILE_STATE, NO_ARTIFACT } from "../store/index.ts";
import { fingerprintOf, writeOnce } from "./idempotent-write.ts";
import { outcomeKey, requireResultId } from "./result-id.ts";

/** The failure outcome (02 §5.5): every planned file FAILED with the message; the job keeps running. */
export async function submitFailure(
  context: ServiceContext,
  active: ActiveGroup,
  leaseEpoch: string,
  failure: { readonly resultId: string; readonly message: string },
  caller: Caller,
): Promise<void> {
  const resultId = requireResultId(failure.resultId);
  await writeOnce(context, {
    key: outcomeKey(caller, active.job.jobId, resultId),
    fingerprint: fingerprintOf(Buffer.from("failure"), Buffer.from(resultId), Buffer.from(failure.message)),
    apply() {
      requireStorable(context, active.job.jobId, leaseEpoch);
      context.store.results.putResults(
        active.job.jobId,
        active.planned.filePaths.map((filePath) => ({
          filePath: filePath.trim(),
          state: FILE_STATE.failed,
          statsProcessed: 0n,
          message: failure.message.trim(),
          artifact: NO_ARTIFACT,
        })),
      );
      return new Uint8Array();
    },
  });
}

/**
 * Whether a result may still be stored on the job (02 §3.6): chunked needs a running job and a live lease, and says INTERNAL
 * otherwise, also to a job that is being cancelled; inline doesn't look.
 */
export function requireStorable(context: ServiceContext, jobId: string, leaseEpoch: string): void {
  if (context.generation === "inline") return;
  if (context.engine.runningUnder(jobId, leaseEpoch, context.clock.nowMs()) === undefined) {
    throw internal("Failed to update reconcile job result reference");
  }
}
