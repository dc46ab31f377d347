/**
 * The calls whose messages are the same in both generations, as the generated clients offer them (01 §4.4): stated
 * structurally, so that one implementation serves both and no generated type is named outside `inline/` and `chunked/`.
 */
import type { ResourceId } from "../../model/index.ts";
import type { RpcOptions } from "./invoke.ts";
import type { PayloadMessage } from "./payload.ts";

export interface LeaseInit {
  jobId: string;
  leaseEpoch: string;
}

export interface LeasedJobMessage {
  readonly jobId: string;
  readonly leaseEpoch: string;
  readonly connectorId?: ResourceId | undefined;
  readonly kind: number;
  readonly fullRescan: boolean;
  readonly parentJobId: string;
  readonly pinnedExecutorId: string;
  readonly fileGroupTask?: { readonly planId: string; readonly groupId: string } | undefined;
}

export interface CompleteInit extends LeaseInit {
  state: 1 | 2 | 3;
  errors: bigint;
  statsProcessed: bigint;
  message: string;
  failureRetryDisposition: 1 | 2;
  failureRetryClass: 0 | 1 | 2 | 3;
}

export interface WorkerRpc {
  leaseReconcileJob(
    request: {
      executorId: string;
      executionClasses: (1 | 2 | 3 | 4)[];
      lanes: string[];
      jobKinds: 5[];
      executorIds: string[];
    },
    options: RpcOptions,
  ): Promise<{ readonly found: boolean; readonly job?: LeasedJobMessage | undefined }>;
  startLeasedReconcileJob(request: LeaseInit & { executorId: string }, options: RpcOptions): Promise<unknown>;
  renewReconcileLease(
    request: LeaseInit,
    options: RpcOptions,
  ): Promise<{ readonly renewed: boolean; readonly cancellationRequested: boolean }>;
  reportReconcileProgress(
    request: LeaseInit & { statsProcessed: bigint; message: string },
    options: RpcOptions,
  ): Promise<{ readonly leaseValid: boolean; readonly cancellationRequested: boolean }>;
  getReconcileCancellation(
    request: { jobId: string },
    options: RpcOptions,
  ): Promise<{ readonly cancellationRequested: boolean }>;
  getLeasedFileGroupExecution(
    request: LeaseInit,
    options: RpcOptions,
  ): Promise<{ readonly execution?: PayloadMessage | undefined }>;
  completeLeasedReconcileJob(
    request: CompleteInit,
    options: RpcOptions,
  ): Promise<{ readonly accepted: boolean }>;
}
