import type { Generation } from "../model/index.ts";
import type { OnConfirmedServer } from "./calls/adapter.ts";
import { CallFailedError } from "./calls/invoke.ts";
import type { ServerProfile } from "./detect/detect.ts";
import { UnsupportedServerError } from "./detect/errors.ts";
import { type Connection, isHeldBack } from "./grpc/connection.ts";
import { type CallOptions, ControlPlaneError, controlPlaneErrorKind } from "./port.ts";
import type { GenerationChange } from "./settings.ts";

const SERVICE = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl";

/** Calls that a server of another generation would misread. */
const CONFIRMED_PATHS: ReadonlySet<string> = new Set([
  `${SERVICE}/LeaseReconcileJob`,
  `${SERVICE}/SubmitLeasedFileGroupExecutionResult`,
]);

/**
 * A reconnect may lead to another server, as in a rolling upgrade: the calls that it could misread go out only on a
 * connection whose server was looked at (01 §11.2 step 6).
 */
export function confirmation(
  connection: Connection,
  first: ServerProfile,
  detect: (options: CallOptions) => Promise<ServerProfile>,
  onGenerationChange: (change: GenerationChange) => void = () => {},
): OnConfirmedServer {
  const { generation } = first;
  let confirmedSession = connection.sessionNumber();
  let changed: UnsupportedServerError | undefined;
  connection.pin(CONFIRMED_PATHS, confirmedSession);

  let looking: Promise<void> | undefined;

  /** Calls that come together look together; none of them ends it for the others. */
  function lookAgain({ signal, timeoutMs }: CallOptions): Promise<void> {
    looking ??= look({ signal: NEVER, timeoutMs }).finally(() => {
      looking = undefined;
    });
    return untilAborted(looking, signal);
  }

  async function look(options: CallOptions): Promise<void> {
    if (changed !== undefined) throw changed;
    const found = await detect(options).catch((error: unknown) => {
      if (!(error instanceof UnsupportedServerError)) throw error;
      return becomeAnother(error, undefined);
    });
    if (found.generation !== generation || found.vending !== first.vending) {
      const text = `the control plane now speaks the ${found.generation} generation, no longer ${generation}: start the worker anew`;
      becomeAnother(new UnsupportedServerError(text), found.generation);
    }
    confirmedSession = connection.sessionNumber();
    connection.pin(CONFIRMED_PATHS, confirmedSession);
  }

  function becomeAnother(error: UnsupportedServerError, to: Generation | undefined): never {
    changed = error;
    onGenerationChange({ from: generation, to, reason: error.message });
    throw error;
  }

  return async (call, options, run) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (connection.sessionNumber() !== confirmedSession) await lookAgain(options);
        return await run();
      } catch (error) {
        if (error instanceof CallFailedError) {
          const kind = controlPlaneErrorKind(call, error.status, generation);
          throw new ControlPlaneError(kind, call, error.status, { cause: error.cause });
        }
        const unsent = error instanceof ControlPlaneError && isHeldBack(error.cause);
        if (!unsent || attempt > 1) throw error;
      }
    }
  };
}

const NEVER = new AbortController().signal;

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
