import { GrpcStatusError } from "../grpc/index.ts";
import { isTerminal, type Job } from "../jobs/index.ts";
import { rootJob } from "../plan/store-plan.ts";
import type { ServiceContext } from "../service.ts";

/** Number of `SnapshotSelectionKind`. */
const EXPLICIT = 3;

/**
 * Queues the capture that a job belonged to anew, for the snapshots that it was about: what `StartCapture` would do with the
 * same scope. What another capture of them left is replaced where it ends well.
 */
export function retryCapture(context: ServiceContext, jobId: string, accountId: string): Job {
  const { store, engine } = context;
  const root = rootOf(context, jobId);
  if (root === undefined || root.accountId !== accountId) {
    throw new GrpcStatusError("NOT_FOUND", `no job ${jobId}`);
  }
  if (!isTerminal(root.state)) {
    throw new GrpcStatusError(
      "FAILED_PRECONDITION",
      `job ${root.jobId} is ${root.state}: cancel it first, or wait for its end`,
    );
  }
  const snapshotIds = store.jobs.children(root.jobId).flatMap(({ snapshot }) => snapshot?.snapshotId ?? []);
  const scope =
    snapshotIds.length === 0
      ? root.scope
      : { ...root.scope, snapshotSelection: { kind: EXPLICIT, snapshotIds, latestN: 0 } };
  return engine.save(rootJob(context, { ...root, scope }, "queued"));
}

function rootOf({ store }: ServiceContext, jobId: string): Job | undefined {
  let job = store.jobs.get(jobId);
  while (job !== undefined && job.parentJobId !== "") job = store.jobs.get(job.parentJobId);
  return job;
}
