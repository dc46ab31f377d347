import type { ControlPlane } from "../../src/protocol/port.ts";

/**
 * A control plane as a process reaches it until it is killed: nothing that it sends afterwards arrives, and it hears nothing
 * more, not even of calls under way, whose effect stands.
 */
export function untilKilled(plane: ControlPlane, killed: AbortSignal): ControlPlane {
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (killed.aborted) return silence();
    try {
      const answer = await call();
      return killed.aborted ? silence() : answer;
    } catch (error) {
      if (killed.aborted) return silence();
      throw error;
    }
  };
  return {
    generation: plane.generation,
    successEndsJob: plane.successEndsJob,
    lease: (request, options) => reach(() => plane.lease(request, options)),
    start: (lease, executorId, options) => reach(() => plane.start(lease, executorId, options)),
    renew: (lease, options) => reach(() => plane.renew(lease, options)),
    reportProgress: (lease, progress, options) => reach(() => plane.reportProgress(lease, progress, options)),
    getCancellation: (lease, options) => reach(() => plane.getCancellation(lease, options)),
    getFileGroup: (job, options) => reach(() => plane.getFileGroup(job, options)),
    prepareSubmission: async (lease, result, options) => {
      const prepared = await plane.prepareSubmission(lease, result, options);
      return {
        byteLength: prepared.byteLength,
        messages: prepared.messages.map((message) => ({
          kind: message.kind,
          byteLength: message.byteLength,
          send: (callOptions) => reach(() => message.send(callOptions)),
        })),
      };
    },
    submitFailure: (lease, failure, options) => reach(() => plane.submitFailure(lease, failure, options)),
    complete: (lease, completion, options) => reach(() => plane.complete(lease, completion, options)),
  };
}

function silence(): Promise<never> {
  return new Promise(() => {});
}
