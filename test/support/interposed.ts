import type { ControlPlane } from "../../src/protocol/port.ts";

/** The calls by the methods of the port; a submission is two of them. */
export type PortCall =
  | Exclude<keyof ControlPlane, "generation" | "successEndsJob" | "prepareSubmission">
  | "submitChunk"
  | "submitSuccess";

/** The port, with something between it and each of its calls. */
export function interposed(
  port: ControlPlane,
  meet: <T>(call: PortCall, send: () => Promise<T>) => Promise<T>,
): ControlPlane {
  return {
    generation: port.generation,
    successEndsJob: port.successEndsJob,
    lease: (request, options) => meet("lease", () => port.lease(request, options)),
    start: (lease, executorId, options) => meet("start", () => port.start(lease, executorId, options)),
    renew: (lease, options) => meet("renew", () => port.renew(lease, options)),
    reportProgress: (lease, progress, options) =>
      meet("reportProgress", () => port.reportProgress(lease, progress, options)),
    getCancellation: (lease, options) => meet("getCancellation", () => port.getCancellation(lease, options)),
    getFileGroup: (job, options) => meet("getFileGroup", () => port.getFileGroup(job, options)),
    prepareSubmission: async (lease, result, options) => {
      const prepared = await port.prepareSubmission(lease, result, options);
      return {
        ...prepared,
        messages: prepared.messages.map((message) => ({
          ...message,
          send: (callOptions) =>
            meet(message.kind === "chunk" ? "submitChunk" : "submitSuccess", () => message.send(callOptions)),
        })),
      };
    },
    submitFailure: (lease, failure, options) =>
      meet("submitFailure", () => port.submitFailure(lease, failure, options)),
    complete: (lease, completion, options) =>
      meet("complete", () => port.complete(lease, completion, options)),
  };
}
