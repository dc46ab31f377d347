/** The calls of detection without reflection: methods by name, with an empty request (01 §11.3). */
import type { Transport } from "@connectrpc/connect";
import { CallFailedError, type Credentials, invoke, NoTokenError } from "../calls/invoke.ts";
import type { Probe } from "../detect/probes.ts";
import { type CallOptions, type ControlPlaneErrorKind, controlPlaneErrorKind } from "../port.ts";
import { ReconcileExecutorControl } from "./gen/floecat/reconciler/reconciler_pb.ts";

/** Only its shape is used: nothing is sent in it, and nothing is read of an answer. */
const { renewReconcileLease: ANY_METHOD } = ReconcileExecutorControl.method;

/** Losses, overload and refused tokens tell nothing of the server. */
const PASSING: ReadonlySet<ControlPlaneErrorKind> = new Set([
  "transport",
  "internal",
  "unauthenticated",
  "overloaded",
]);

export function probeCalls(transport: Transport, credentials: Credentials, options: CallOptions): Probe {
  return async (method) => {
    const [service = "", name = ""] = method.split("/");
    const path = {
      typeName: `ai.floedb.floecat.${service === "StorageAuthorities" ? "storage" : "reconciler"}.${service}`,
    };
    const desc = { ...ANY_METHOD, name, parent: { ...ANY_METHOD.parent, ...path } };
    try {
      await invoke(credentials, { accountId: "", headers: {} }, options, (rpc) =>
        transport.unary(desc, rpc.signal, rpc.timeoutMs, rpc.headers, {}),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof CallFailedError) || error instanceof NoTokenError) throw error;
      // A bare UNKNOWN may be an answer; what else may pass is none, and another time there may be one.
      const kind = controlPlaneErrorKind("leaseReconcileJob", error.status, "chunked");
      if (PASSING.has(kind) && error.status.code !== "UNKNOWN") throw error;
      return error.status;
    }
  };
}
