import { invalidField, missingField } from "../errors/index.ts";
import {
  type Counters,
  type LeasedJob,
  type LeaseQuery,
  leaseFilter,
  NO_COUNTERS,
  outcomeKind,
} from "../jobs/index.ts";
import type { Caller, ServiceContext } from "../service.ts";
import type { ScanAdmission } from "./scan-admission.ts";

/** The lease's calls of ReconcileExecutorControl (02 §4.1–§4.5, §4.8), in plain values. */
export interface LeaseReference {
  readonly jobId: string;
  readonly leaseEpoch: string;
}

export interface CompletionMessage extends LeaseReference, Counters {
  readonly state: number;
  readonly message: string;
  readonly failureRetryDisposition: number;
  readonly failureRetryClass: number;
}

export function leaseCalls(
  context: ServiceContext,
  admission: ScanAdmission,
  maintenance: { reclaimIfDue(): void },
) {
  const { engine, store, generation } = context;

  return {
    async lease(query: LeaseQuery, caller: Caller): Promise<LeasedJob | undefined> {
      const filter = leaseFilter(query, generation);
      // The tick may be late; what it would have given back is not to be missed.
      maintenance.reclaimIfDue();
      const leased = await admission.scan(() => engine.lease(filter), caller.call);
      return leased === undefined || cancelledWithConnector(leased) ? undefined : leased;
    },

    start(request: LeaseReference & { readonly executorId: string }): void {
      requireLease(request);
      if (request.executorId.trim() === "") throw missingField("executor_id");
      engine.start(request.jobId, request.leaseEpoch, request.executorId);
    },

    renew(request: LeaseReference) {
      requireLease(request);
      const renewed = engine.renew(request.jobId, request.leaseEpoch);
      return { renewed, cancellationRequested: engine.cancellationRequested(request.jobId) };
    },

    progress(request: LeaseReference & Counters & { readonly message: string }) {
      requireLease(request);
      const leaseValid = engine.renew(request.jobId, request.leaseEpoch);
      if (leaseValid) {
        engine.storeProgress(request.jobId, request.leaseEpoch, {
          counters: countersFrom(request),
          message: request.message,
        });
      }
      return { leaseValid, cancellationRequested: engine.cancellationRequested(request.jobId) };
    },

    cancellation(request: { readonly jobId: string }) {
      if (request.jobId.trim() === "") throw missingField("job_id");
      return { cancellationRequested: engine.cancellationRequested(request.jobId) };
    },

    complete(request: CompletionMessage) {
      requireLease(request);
      const kind = outcomeKind(request.state, request.failureRetryDisposition, request.failureRetryClass);
      if (kind === undefined) throw invalidField("state");
      const accepted = engine.complete(request.jobId, request.leaseEpoch, {
        kind,
        message: request.message,
        counters: countersFrom(request),
      });
      return { accepted };
    },
  };

  /** Chunked (02 §4.1): a job whose connector is gone is ended instead of being handed out. */
  function cancelledWithConnector({ job, lease }: LeasedJob): boolean {
    if (generation === "inline" || store.catalog.connector(job.accountId, job.connectorId) !== undefined) {
      return false;
    }
    return engine.complete(job.jobId, lease.epoch, {
      kind: "cancelled",
      message: `connector deleted: ${job.connectorId}`,
      counters: NO_COUNTERS,
    });
  }
}

export function requireLease(request: LeaseReference): void {
  if (request.jobId.trim() === "") throw missingField("job_id");
  if (request.leaseEpoch.trim() === "") throw missingField("lease_epoch");
}

/** Counters are `uint64` on the wire and signed at the peer (01 §3). */
export function countersFrom(message: Counters): Counters {
  const signed = (value: bigint) => BigInt.asIntN(64, value);
  return {
    tablesScanned: signed(message.tablesScanned),
    tablesChanged: signed(message.tablesChanged),
    viewsScanned: signed(message.viewsScanned),
    viewsChanged: signed(message.viewsChanged),
    errors: signed(message.errors),
    snapshotsProcessed: signed(message.snapshotsProcessed),
    statsProcessed: signed(message.statsProcessed),
  };
}
