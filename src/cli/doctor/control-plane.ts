import type { Generation } from "../../model/index.ts";
import {
  type CallOptions,
  type ControlPlane,
  ControlPlaneError,
  type ControlPlaneSettings,
  connectControlPlane,
  ReflectionUnavailableError,
  UnsupportedServerError,
} from "../../protocol/index.ts";
import { type Finding, failed, ok, reasonOf, skipped, warning } from "./check.ts";

export interface ControlPlaneFindings {
  readonly handshake: Finding;
  readonly permission: Finding;
}

/** Shakes hands as a worker does, whatever generation it is told to speak, then asks about a job that doesn't exist. */
export async function checkControlPlane(
  settings: ControlPlaneSettings,
  call: CallOptions,
): Promise<ControlPlaneFindings> {
  const { generation: forced } = settings;
  try {
    const connection = await connectControlPlane({ ...settings, generation: undefined }, call);
    try {
      return {
        handshake: judgeHandshake(connection, forced),
        permission: await checkPermission(connection.controlPlane, call),
      };
    } finally {
      connection.close();
    }
  } catch (error) {
    const permission = skipped("the handshake failed");
    if (error instanceof ReflectionUnavailableError && forced !== undefined) {
      return {
        handshake: warning(
          `${error.reason}; the worker takes it for ${forced}, as it is set`,
          "make sure that the setting is right: a wrong one corrupts results",
        ),
        permission: await withForced(settings, call),
      };
    }
    if (error instanceof ReflectionUnavailableError) {
      return {
        handshake: failed(error.reason, "set --wire (floecat.capture.wire) to what the control plane speaks"),
        permission,
      };
    }
    if (error instanceof UnsupportedServerError) {
      return {
        handshake: failed(
          error.message,
          "use a Floecat of one of the two generations that docs/contract describes, or a newer worker",
        ),
        permission,
      };
    }
    if (error instanceof ControlPlaneError && error.kind === "unauthenticated") {
      return { handshake: failed(`refused: ${reasonOf(error)}`, "see the token above"), permission };
    }
    return {
      handshake: failed(reasonOf(error), "check that a Floecat control plane listens there"),
      permission,
    };
  }
}

async function withForced(settings: ControlPlaneSettings, call: CallOptions): Promise<Finding> {
  const connection = await connectControlPlane(settings, call);
  try {
    return await checkPermission(connection.controlPlane, call);
  } finally {
    connection.close();
  }
}

function judgeHandshake(
  found: Awaited<ReturnType<typeof connectControlPlane>>,
  forced: Generation | undefined,
): Finding {
  const { generation } = found.controlPlane;
  if (forced !== undefined && forced !== generation) {
    return failed(
      `the control plane speaks ${generation}, and the worker is told to speak ${forced}`,
      "leave --wire (floecat.capture.wire) at auto: a wrong generation corrupts results",
    );
  }
  const by = found.foundBy === "probes" ? "probes, since there is no reflection service" : found.foundBy;
  if (found.absentFields.length > 0) {
    return warning(
      `generation ${generation}, found by ${by}; the control plane lacks ${found.absentFields.join(", ")}`,
      "nothing: the worker does without them",
    );
  }
  return found.foundBy === "probes"
    ? warning(`generation ${generation}, found by ${by}`, `set floecat.capture.wire=${generation} to be sure`)
    : ok(`generation ${generation}, found by ${by}`);
}

/** GetReconcileCancellation asks for the permission of every executor call, and does nothing (02 §4.5). */
async function checkPermission(controlPlane: ControlPlane, call: CallOptions): Promise<Finding> {
  const nobody = { jobId: "floecat-capture-doctor", leaseEpoch: "floecat-capture-doctor", accountId: "" };
  try {
    await controlPlane.getCancellation(nobody, call);
    return ok("executor calls are allowed");
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) return failed(reasonOf(error), "try again");
    const { code } = error.status;
    if (code === "UNAUTHENTICATED") {
      return failed(
        `the control plane knows nobody by our token: ${reasonOf(error)}`,
        "check issuer, audience and account claim of the token, and that both sides name the same header",
      );
    }
    if (code === "PERMISSION_DENIED") {
      return failed(
        `executor calls are not allowed: ${reasonOf(error)}`,
        "give the client the role reconcile-worker",
      );
    }
    if (error.kind === "transport") return failed(reasonOf(error), "check the connection, and try again");
    return ok(`executor calls are allowed (a job that doesn't exist: ${reasonOf(error)})`);
  }
}
