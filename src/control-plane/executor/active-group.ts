import { failedPrecondition, LEASE_LOST_TEXT, notFound, ServiceError } from "../errors/index.ts";
import type { Job, SnapshotIdentity } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import type { PlannedGroup } from "../store/index.ts";
import { type LeaseReference, requireLease } from "./lease-calls.ts";

/** A leased file group that is still worked on, with its plan. */
export interface ActiveGroup {
  readonly job: Job;
  readonly snapshot: SnapshotIdentity;
  readonly planned: PlannedGroup;
}

/**
 * The common beginning of Get…Execution and Submit (02 §4.6 steps 1–6): it renews the lease, then makes sure that there is a
 * group to speak of. `between` runs after the blank checks, for what Submit checks there.
 */
export function activeGroup(
  context: ServiceContext,
  request: LeaseReference,
  between: () => void = () => {},
): ActiveGroup {
  const { engine, store } = context;
  requireLease(request);
  between();
  if (!engine.renew(request.jobId, request.leaseEpoch)) throw failedPrecondition(LEASE_LOST_TEXT);
  const job = store.jobs.get(request.jobId);
  if (job === undefined) throw vanished(request.jobId);
  const { group, snapshot } = job;
  if (job.kind !== "exec-file-group" || group === undefined || snapshot === undefined) {
    throw failedPrecondition("reconcile job is not an EXEC_FILE_GROUP job");
  }
  if (job.state !== "running" && job.state !== "cancelling") {
    throw failedPrecondition(
      `reconcile job is no longer active for lease ${job.jobId} state=JS_${job.state.toUpperCase()}`,
    );
  }
  const parent = store.jobs.get(job.parentJobId);
  const planned =
    parent?.accountId === job.accountId ? store.results.plannedGroup(parent.jobId, group) : undefined;
  if (planned === undefined) {
    throw failedPrecondition("planned file group could not be resolved from parent snapshot plan");
  }
  return { job, snapshot, planned };
}

/** 02 §4.6 step 3: key `table`, but the param of a job. */
function vanished(jobId: string) {
  const { status, code, messageKey, message } = notFound("table", jobId);
  return new ServiceError({ status, code, messageKey, text: message, params: { job_id: jobId } });
}
