/** A control plane whose calls are told to an observer, each attempt once; nothing else about it changes. */
import type { Clock } from "../model/index.ts";
import {
  type ControlPlane,
  type ControlPlaneCall,
  ControlPlaneError,
  type Lease,
  type SubmissionMessage,
} from "../protocol/port.ts";
import type { ObservedCall } from "./call.ts";

export function observedControlPlane(
  inner: ControlPlane,
  clock: Pick<Clock, "nowMs" | "monotonicMs">,
  onCall: (call: ObservedCall) => void,
): ControlPlane {
  type Told = Partial<Pick<ObservedCall, "renewedLease" | "leasedJob">>;

  async function observed<T>(
    call: ControlPlaneCall,
    lease: Lease | undefined,
    run: () => Promise<T>,
    tell: (answer: T) => Told = () => ({}),
  ): Promise<T> {
    const startedAtMs = clock.nowMs();
    const beganMs = clock.monotonicMs();
    const end = (code: string, told: Told = {}) =>
      onCall({
        call,
        lease,
        startedAtMs,
        durationMs: clock.monotonicMs() - beganMs,
        code,
        renewedLease: told.renewedLease ?? false,
        leasedJob: told.leasedJob,
      });
    let answer: T;
    try {
      answer = await run();
    } catch (error) {
      end(error instanceof ControlPlaneError ? error.status.code : "CANCELLED");
      throw error;
    }
    end("OK", tell(answer));
    return answer;
  }

  const message = (lease: Lease, inside: SubmissionMessage): SubmissionMessage => ({
    kind: inside.kind,
    byteLength: inside.byteLength,
    send: (options) => observed("submitLeasedFileGroupExecutionResult", lease, () => inside.send(options)),
  });

  return {
    generation: inner.generation,
    successEndsJob: inner.successEndsJob,
    lease: (request, options) =>
      observed(
        "leaseReconcileJob",
        undefined,
        () => inner.lease(request, options),
        (leasedJob) => ({ leasedJob }),
      ),
    start: (lease, executorId, options) =>
      observed("startLeasedReconcileJob", lease, () => inner.start(lease, executorId, options)),
    renew: (lease, options) =>
      observed(
        "renewReconcileLease",
        lease,
        () => inner.renew(lease, options),
        ({ held }) => ({
          renewedLease: held,
        }),
      ),
    reportProgress: (lease, progress, options) =>
      observed(
        "reportReconcileProgress",
        lease,
        () => inner.reportProgress(lease, progress, options),
        ({ held }) => ({
          renewedLease: held,
        }),
      ),
    getCancellation: (lease, options) =>
      observed("getReconcileCancellation", lease, () => inner.getCancellation(lease, options)),
    getFileGroup: (job, options) =>
      observed(
        "getLeasedFileGroupExecution",
        job,
        () => inner.getFileGroup(job, options),
        () => ({
          renewedLease: true,
        }),
      ),
    async prepareSubmission(lease, result, options) {
      const prepared = await inner.prepareSubmission(lease, result, options);
      return { ...prepared, messages: prepared.messages.map((inside) => message(lease, inside)) };
    },
    submitFailure: (lease, failure, options) =>
      observed("submitLeasedFileGroupExecutionResult", lease, () =>
        inner.submitFailure(lease, failure, options),
      ),
    complete: (lease, completion, options) =>
      observed("completeLeasedReconcileJob", lease, () => inner.complete(lease, completion, options)),
  };
}
