import {
  file_floecat_reconciler_reconciler,
  ReconcileControl,
  ReconcileExecutorControl,
} from "../../protocol/inline/gen/floecat/reconciler/reconciler_pb.ts";
import {
  file_floecat_storage_authority,
  StorageAuthorities,
} from "../../protocol/inline/gen/floecat/storage/authority_pb.ts";
import { invalidField } from "../errors/index.ts";
import { activeGroup } from "../executor/active-group.ts";
import { executionPayload } from "../executor/execution-payload.ts";
import { unary } from "../grpc/index.ts";
import { serviceCall } from "../service.ts";
import { submitFailure } from "../submit/failure.ts";
import { checkUploads, submitInlineSuccess } from "../submit/inline-success.ts";
import { EXECUTOR, type GenerationRoutes, MANAGE, type Services, START, VEND } from "./services.ts";

/** The services of the inline generation (01 §2). */
export function inlineRoutes({ context, messages, leases, control, storage }: Services): GenerationRoutes {
  const executor = ReconcileExecutorControl.method;
  const operator = ReconcileControl.method;
  const routes = [
    unary(
      executor.leaseReconcileJob,
      serviceCall(context, EXECUTOR, async (request, caller) => {
        const leased = await leases.lease(request, caller);
        return leased === undefined ? { found: false } : { found: true, job: messages.leased(leased) };
      }),
    ),
    unary(
      executor.startLeasedReconcileJob,
      serviceCall(context, EXECUTOR, (request) => {
        leases.start(request);
        return {};
      }),
    ),
    unary(executor.renewReconcileLease, serviceCall(context, EXECUTOR, leases.renew)),
    unary(executor.reportReconcileProgress, serviceCall(context, EXECUTOR, leases.progress)),
    unary(executor.getReconcileCancellation, serviceCall(context, EXECUTOR, leases.cancellation)),
    unary(executor.completeLeasedReconcileJob, serviceCall(context, EXECUTOR, leases.complete)),
    unary(
      executor.getLeasedFileGroupExecution,
      serviceCall(context, EXECUTOR, async (request) => ({
        execution: await executionPayload(context, activeGroup(context, request), request.leaseEpoch),
      })),
    ),
    unary(
      executor.submitLeasedFileGroupExecutionResult,
      serviceCall(context, EXECUTOR, async (request, caller) => {
        const { outcome, leaseEpoch } = request;
        const active = activeGroup(context, request, () => {
          if (outcome.case === undefined) throw invalidField("outcome");
          if (outcome.case === "success") checkUploads(outcome.value);
        });
        switch (outcome.case) {
          case "success":
            await submitInlineSuccess(context, active, outcome.value, caller);
            break;
          case "failure":
            await submitFailure(context, active, leaseEpoch, outcome.value, caller);
            break;
        }
        return { accepted: true };
      }),
    ),
    unary(operator.startCapture, serviceCall(context, START, control.start)),
    unary(operator.captureNow, serviceCall(context, START, control.captureNow)),
    unary(operator.getReconcileJob, serviceCall(context, MANAGE, control.get)),
    unary(operator.getReconcileJobTree, serviceCall(context, MANAGE, control.tree)),
    unary(operator.listReconcileJobs, serviceCall(context, MANAGE, control.list)),
    unary(operator.cancelReconcileJob, serviceCall(context, MANAGE, control.cancel)),
    unary(
      StorageAuthorities.method.resolveStorageAuthorityForAccountLocation,
      serviceCall(context, VEND, storage.resolve),
    ),
  ];
  return { routes, files: [file_floecat_reconciler_reconciler, file_floecat_storage_authority] };
}
