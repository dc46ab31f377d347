/** The calls of detection without reflection: methods by name, with an empty request (01 §11.3). */
import type { Transport } from "@connectrpc/connect";
import { CallFailedError, type Credentials, invoke, NoTokenError } from "../calls/invoke.ts";
import type { Probe } from "../detect/probes.ts";
import { type CallOptions, controlPlaneErrorKind } from "../port.ts";
import { ReconcileExecutorControl } from "./gen/floecat/reconciler/reconciler_pb.ts";

/** Only its shape is used: nothing is sent in it, and nothing is read of an answer. */
const { renewReconcileLease: ANY_METHOD } = ReconcileExecutorControl.method;

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
      // A refused token tells nothing of the server, and another time it may be taken.
      if (error.status.code === "UNAUTHENTICATED") throw error;
      // A bare UNKNOWN may be an answer; what else counts as a lost call isn't one.
      const lost = controlPlaneErrorKind("leaseReconcileJob", error.status, "chunked") === "transport";
      if (lost && error.status.code !== "UNKNOWN") throw error;
      return error.status;
    }
  };
}
